source("../report.R"); suppressMessages({library(survival); library(etm); library(cmprsk); library(prodlim)})
x <- cohort(); x$state <- factor(x$cause, 0:2, c("censored", "first", "second"))
times <- c(60, 125, 300, 500, 800, 1000)
outcomes <- function(s) setNames(lapply(2:3, function(j) list(estimate = s$pstate[, j], std_error = s$std.err[, j],
  conf_low = s$lower[, j], conf_high = s$upper[, j])), c("first", "second"))
# without delayed entry the infinitesimal jackknife of survfit is Greenwood's; with it, it is not
survfit_at <- function(type, start = NULL, entry = FALSE) {
  f <- if (entry) Surv(entry, exit, state) ~ 1 else Surv(exit, state) ~ 1
  a <- list(f, x, id = quote(id), conf.type = type)
  if (!is.null(start)) a$start.time <- start
  outcomes(summary(do.call(survfit, a), times = if (is.null(start)) times else times[times > start]))
}
# etm wants one row a subject, from and to states
long <- data.frame(id = x$id, from = "0", to = ifelse(x$cause == 0, "cens", x$cause), entry = x$entry, exit = x$exit)
possible <- matrix(FALSE, 3, 3); possible[1, 2:3] <- TRUE
e <- etm(long, c("0", "1", "2"), possible, "cens", s = 0)
etm_at <- function(k) { i <- findInterval(times, e$time)
  list(estimate = e$est["0", k, i], std_error = sqrt(e$cov[paste("0", k), paste("0", k), i])) }
# three die on day 80: etm(s = 80) does not let them in
d <- etm(long, c("0", "1", "2"), possible, "cens", s = 80); death_times <- c(100, 300, 500, 800)
etm_80 <- function(k) { i <- findInterval(death_times, d$time); list(estimate = d$est["0", k, i], std_error = sqrt(d$cov[paste("0", k), paste("0", k), i])) }
# etm's own transformed limits
etm_limits <- function(k, type) { s <- summary(e, tr.choice = paste("0", k), ci.fun = type)[[1]]
  i <- findInterval(times, s$time); list(conf_low = s$lower[i], conf_high = s$upper[i]) }
g <- timepoints(cuminc(x$exit, x$cause), times)
p <- prodlim(Hist(exit, cause) ~ 1, x)
prodlim_at <- function(k) { i <- findInterval(times, p$time)
  list(estimate = p$cuminc[[k]][i], std_error = p$se.cuminc[[k]][i]) }
report(packages = c("survival", "etm", "cmprsk", "prodlim"), list(
  call = "survfit(Surv(exit, state) ~ 1, id = id); etm with entry; cmprsk::cuminc and prodlim",
  times = times, `log-log` = survfit_at("log-log"), log = survfit_at("log"), plain = survfit_at("plain"),
  entry = survfit_at("log-log", entry = TRUE), started = survfit_at("log-log", 121), started_times = times[times > 120],
  etm = list(first = etm_at("1"), second = etm_at("2")),
  etm_80 = list(first = etm_80("1"), second = etm_80("2")), death_times = death_times,
  etm_cloglog = list(first = etm_limits("1", "cloglog"), second = etm_limits("2", "cloglog")),
  cmprsk = list(first = list(estimate = unname(g$est[1, ]), std_error = sqrt(unname(g$var[1, ]))),
                second = list(estimate = unname(g$est[2, ]), std_error = sqrt(unname(g$var[2, ])))),
  prodlim = list(first = prodlim_at("1"), second = prodlim_at("2"))
))
