# Options of curves on R's own lung, veteran, pbc and mgus2: results only, no rows.
source("../report.R"); suppressMessages(library(survival))
points <- function(fit, times) { s <- summary(fit, times = times); list(estimate = s$surv, std_error = s$std.err, conf_low = s$lower, conf_high = s$upper) }
l <- lung; l$dead <- l$status == 2; days <- c(100, 200, 365, 700)
g <- mgus2; g$entry <- 12 * g$age; g$exit <- g$entry + g$futime      # age in months is the time, so everybody enters late
ages <- 12 * c(65, 70, 80, 90)
by_sex <- function(f, times) lapply(c(F = "sex=F", M = "sex=M"), function(sex) points(f[match(sex, names(f$strata))], times))
na <- function(type) { s <- summary(survfit(Surv(time, dead) ~ 1, l, ctype = type, stype = 2, conf.type = "log"), times = days)
  list(hazard = list(estimate = s$cumhaz, std_error = s$std.chaz), survival = list(estimate = s$surv, conf_low = s$lower, conf_high = s$upper)) }
ecog <- l[which(l$ph.ecog < 3), ]
trend <- function(rho) { s <- survdiff(Surv(time, dead) ~ ph.ecog, ecog, rho = rho); a <- 0:2; sum(a * (s$obs - s$exp)) / sqrt(drop(a %*% s$var %*% a)) }
known <- l[!is.na(l$inst), ]
m <- tmerge(subset(mgus2, , c(id, age, sex)), mgus2, id = id, death = event(futime, death), pcm = event(ifelse(pstat == 1, ptime - .1 * (ptime == futime), NA)))
m$ev <- factor(with(m, ifelse(death == 1, 2, pcm)), 0:2, c("censor", "pcm", "death"))
stay <- summary(survfit(Surv(tstart, tstop, ev) ~ 1, m, id = id, influence = TRUE), rmean = 240)$table
report(list(
  call = "survfit(Surv(age, age + futime, death) ~ sex, start.time =), survfit(cluster =, robust =, conf.int =, ctype =), survdiff on lung, veteran, pbc, mgus2",
  days = days, ages = ages,
  age = by_sex(survfit(Surv(entry, exit, death) ~ sex, g, start.time = 12 * 60 + .5, conf.type = "log-log"), ages),
  robust = points(survfit(Surv(time, dead) ~ 1, l, robust = TRUE, conf.type = "log-log"), days),
  institutions = points(survfit(Surv(time, dead) ~ 1, known, cluster = inst, conf.type = "log-log"), days),
  followed = points(survfit(Surv(time, status == 0) ~ 1, veteran, conf.type = "log-log"), c(100, 200)),
  level_90 = points(survfit(Surv(time, status == 2) ~ 1, pbc, conf.int = .9, conf.type = "log-log"), c(365, 1000, 2000, 3000)),
  nelson_aalen = na(1), fleming_harrington = na(2),
  trend = list(rho_0 = trend(0), rho_1 = trend(1)),
  ecog = list(rho_0 = survdiff(Surv(time, dead) ~ ph.ecog, ecog)$chisq, rho_1 = survdiff(Surv(time, dead) ~ ph.ecog, ecog, rho = 1)$chisq),
  stay = list(estimate = unname(stay[, "rmean"]), std_error = unname(stay[, "se(rmean)"]))
))
