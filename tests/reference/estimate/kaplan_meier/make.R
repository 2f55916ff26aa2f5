source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- as.integer(x$cause > 0)
times <- c(0, 60, 125, 300, 500, 800, 1000)
at <- function(fit) {                 # n.risk of summary() looks ahead to the next exit: counted below instead
  s <- summary(fit, times = times, extend = TRUE)
  split(data.frame(estimate = s$surv, std_error = s$std.err,
                   conf_low = s$lower, conf_high = s$upper),
        if (is.null(s$strata)) rep("all", length(times)) else sub("group=", "", s$strata))
}
columns <- function(groups) lapply(groups, as.list)
curves <- function(type, ...) columns(at(eval(substitute(survfit(Surv(entry, exit, dead) ~ group, x, conf.type = type, ...)))))
quantiles <- function(fit) {
  q <- quantile(fit, c(.25, .5, .75))
  lapply(q, function(m) unname(apply(m, 1, as.list)))
}
entry <- survfit(Surv(entry, exit, dead) ~ group, x, conf.type = "log-log")
flat <- data.frame(t = 1:8, d = c(1, 1, 1, 1, 0, 1, 1, 0))       # S = 1/2 exactly from 4 to 6
ends <- data.frame(t = 1:4, d = c(1, 1, 0, 0))                   # S = 1/2 exactly to the end
med <- function(d) unlist(quantile(survfit(Surv(t, d) ~ 1, d, conf.type = "log-log"), .5))
report(list(
  call = "survfit(Surv(entry, exit, cause > 0) ~ group, conf.type = )",
  times = times,
  `log-log` = curves("log-log"), log = curves("log"), plain = curves("plain"), logit = curves("logit"), arcsine = curves("arcsin"),
  weighted = curves("log-log", weights = x$copies, robust = FALSE),
  fractional = curves("log", weights = x$weight, robust = FALSE),
  started = columns(at(survfit(Surv(entry, exit, dead) ~ group, x, conf.type = "log-log", start.time = 121))),  # > 120
  # three die on day 80: start.time = 80 lets them in, 80.5 does not
  start_80 = lapply(c(at = 80, after = 80.5), function(s) { f <- summary(survfit(Surv(entry, exit, dead) ~ 1, x, start.time = s), times = c(100, 300, 500, 800))
    list(estimate = f$surv, std_error = f$std.err) }),
  level_90 = columns(at(survfit(Surv(entry, exit, dead) ~ group, x, conf.type = "log-log", conf.int = .9))),
  cause_1 = columns(at(survfit(Surv(entry, exit, cause == 1) ~ group, x, conf.type = "log-log"))),
  at_risk = lapply(split(x, x$group), function(g) sapply(times, function(t) sum(g$entry <= t & g$exit > t & t == 0 | g$entry < t & g$exit >= t))),
  weight_at_risk = lapply(split(x, x$group), function(g) sapply(times[-1], function(t) sum(g$copies[g$entry < t & g$exit >= t]))),
  quantiles = quantiles(entry),
  quantiles_at = lapply(c(log = "log", plain = "plain", logit = "logit", arcsine = "arcsin"), function(type)
    quantiles(survfit(Surv(entry, exit, dead) ~ group, x, conf.type = type))),
  flat = unname(med(flat)), flat_to_the_end = unname(med(ends)),
  follow_up = columns(at(survfit(Surv(entry, exit, cause == 0) ~ group, x, conf.type = "log-log")))
))
