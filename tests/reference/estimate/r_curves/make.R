# Curves of R's own data sets that the greenwood package (MIT) ships too: results only, no rows.
source("../report.R"); suppressMessages({library(survival); library(cmprsk); library(prodlim)})
points <- function(formula, data, times, ...) {
  s <- summary(survfit(formula, data, ...), times = times)
  list(estimate = s$surv, std_error = s$std.err, conf_low = s$lower, conf_high = s$upper)
}
median_of <- function(formula, data, type) { q <- quantile(survfit(formula, data, conf.type = type), .5)
  list(estimate = unname(q$quantile), conf_low = unname(q$lower), conf_high = unname(q$upper)) }
m <- mgus2; m$etime <- ifelse(m$pstat == 0, m$futime, m$ptime); m$ev <- factor(ifelse(m$pstat == 0, 2 * m$death, 1), 0:2)
m$cause <- as.integer(m$ev) - 1; times <- c(12, 60, 120, 240)
aj <- summary(survfit(Surv(etime, ev) ~ 1, m, conf.type = "log-log"), times = times)
late <- subset(m, etime > 24)                                     # seen from two years on
aj_late <- summary(survfit(Surv(rep(24, nrow(late)), etime, ev) ~ 1, late, id = id), times = times[-1])
cm <- timepoints(cuminc(m$etime, m$cause), times)
mean_to <- function(formula, data, h) { t <- summary(survfit(formula, data), rmean = h)$table
  list(estimate = unname(t[, "rmean"]), std_error = unname(t[, "se(rmean)"])) }
yl <- summary(survfit(Surv(etime, ev) ~ 1, m, influence = TRUE), rmean = 120)$table
outcomes <- function(s) lapply(list(pcm = 2, death = 3), function(j) list(estimate = s$pstate[, j], std_error = s$std.err[, j]))
na <- summary(survfit(Surv(etime, ev != 0) ~ 1, m), times = times)
report(packages = c("survival", "cmprsk"), list(
  call = "survfit, cuminc, quantile and summary(rmean =) on veteran, pbc, colon, lung, mgus2", times = times,
  veteran = points(Surv(time, status) ~ 1, veteran, c(30, 90, 180, 365), conf.type = "log"),
  pbc = points(Surv(time, status == 2) ~ 1, pbc, c(365, 1000, 2000, 3000), conf.type = "plain"),
  colon = points(Surv(time, status) ~ 1, subset(colon, etype == 2), c(365, 1000, 2000, 2500), conf.type = "logit"),
  lung = points(Surv(time, status == 2) ~ 1, lung, c(100, 300, 500, 800), conf.type = "arcsin"),
  medians = list(veteran = median_of(Surv(time, status) ~ 1, veteran, "log"), lung = median_of(Surv(time, status == 2) ~ 1, lung, "log-log"),
                 pbc = median_of(Surv(time, status == 2) ~ 1, pbc, "plain"), colon = median_of(Surv(time, status) ~ 1, subset(colon, etype == 2), "logit")),
  aj = outcomes(aj), aj_late = outcomes(aj_late),
  cmprsk = list(pcm = list(estimate = unname(cm$est[1, ]), std_error = sqrt(unname(cm$var[1, ]))),
                death = list(estimate = unname(cm$est[2, ]), std_error = sqrt(unname(cm$var[2, ])))),
  rmst = mean_to(Surv(etime, ev != 0) ~ sex, m, 120),
  lost = list(pcm = list(estimate = yl[2, "rmean"], std_error = yl[2, "se(rmean)"]), death = list(estimate = yl[3, "rmean"], std_error = yl[3, "se(rmean)"])),
  hazard = list(estimate = na$cumhaz, std_error = na$std.chaz)
))
