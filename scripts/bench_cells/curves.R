km <- "Kaplan-Meier with limits"; late <- "Kaplan-Meier with limits, late entry"
cif <- "Cumulative incidence with variance"; rank <- "Log-rank test of two groups"; mean_ <- "Restricted mean with variance"
at <- function(time, value) value[findInterval(AT_DAY, time)]

cell(km, "R survival", "survival", function(d) { d$died <- as.integer(d$event > 0)
  function() { s <- survfit(Surv(exit, died) ~ 1, d, conf.type = "log-log"); at(s$time, s$surv) } })
cell(km, "R prodlim", "prodlim", function(d) { d$died <- as.integer(d$event > 0)
  function() { s <- prodlim(Hist(exit, died) ~ 1, d); at(s$time, s$surv) } })
cell(late, "R survival", "survival", function(d) { d$died <- as.integer(d$event > 0)
  function() { s <- survfit(Surv(entry, exit, died) ~ 1, d, conf.type = "log-log"); at(s$time, s$surv) } })
cell(late, "R prodlim", "prodlim", function(d) { d$died <- as.integer(d$event > 0)
  function() { s <- prodlim(Hist(exit, died, entry = entry) ~ 1, d); at(s$time, s$surv) } })
cell(cif, "R survival", "survival", function(d) { d$state <- factor(d$event, 0:2)
  function() { s <- survfit(Surv(exit, state) ~ 1, d); at(s$time, s$pstate[, 2]) } })
cell(cif, "R cmprsk", "cmprsk", function(d)
  function() { s <- cuminc(d$exit, d$event)[["1 1"]]; at(s$time, s$est) })
cell(cif, "R prodlim", "prodlim", function(d)
  function() { s <- prodlim(Hist(exit, event) ~ 1, d); at(s$time, s$cuminc[["1"]]) })
cell(cif, "R mets", "mets", function(d)
  function() { s <- cif(Event(exit, event) ~ 1, d, cause = 1); at(s$times, s$mu) })
cell(rank, "R survival", "survival", function(d) { d$died <- as.integer(d$event > 0)
  function() survdiff(Surv(exit, died) ~ group, d)$chisq })
cell(mean_, "R survival", "survival", function(d) { d$died <- as.integer(d$event > 0)
  function() summary(survfit(Surv(exit, died) ~ 1, d), rmean = AT_DAY)$table["rmean"] })
