source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- as.integer(x$cause > 0)
times <- c(60, 125, 300, 500, 800)
hazard <- function(...) { s <- summary(do.call(survfit, list(Surv(entry, exit, dead) ~ group, x, ...)), times = times, extend = TRUE)
  lapply(split(data.frame(estimate = s$cumhaz, std_error = s$std.chaz), sub("group=", "", s$strata)), as.list) }
survival <- function(...) { s <- summary(do.call(survfit, list(Surv(entry, exit, dead) ~ group, x, ...)), times = times, extend = TRUE)
  lapply(split(data.frame(estimate = s$surv, std_error = s$std.err, conf_low = s$lower, conf_high = s$upper),
               sub("group=", "", s$strata)), as.list) }
report(list(
  call = "survfit(Surv(entry, exit, dead) ~ group, stype =, ctype =)", times = times,
  hazard = list(`nelson-aalen` = hazard(), `fleming-harrington` = hazard(ctype = 2),
                weighted = hazard(weights = x$weight, robust = FALSE)),
  survival = list(`nelson-aalen` = survival(stype = 2, ctype = 1, conf.type = "log-log"),
                  `fleming-harrington` = survival(stype = 2, ctype = 2, conf.type = "log"))
))
