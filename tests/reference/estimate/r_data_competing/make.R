# Competing risks on data sets of R packages: melanoma (MASS), abortion (etm, delayed entry), bmt (KMsurv), Paquid (riskRegression).
source("../report.R"); suppressMessages({library(survival); library(cmprsk); library(etm)})
data(Melanoma, package = "MASS"); data(abortion, package = "etm"); data(bmt, package = "KMsurv"); data(Paquid, package = "riskRegression")
Paquid$time <- round(Paquid$time, 5)   # some differ in the last bit only: ties for survfit, not for crr
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-16, iter.max = 60) # tighter, R steps to and fro on rounding
curve <- function(f, d, times, ...) { s <- summary(survfit(f, d, ...), times = times); list(estimate = s$surv, std_error = s$std.err, conf_low = s$lower, conf_high = s$upper) }
incidence <- function(time, state, times) { s <- summary(survfit(Surv(time, factor(state, 0:2)) ~ 1, conf.type = "log-log"), times = times)
  lapply(2:3, function(j) list(estimate = s$pstate[, j], std_error = s$std.err[, j])) }
aalen <- function(time, state, times) { q <- timepoints(cuminc(time, state), times); list(estimate = unname(q$est), std_error = unname(sqrt(q$var))) }
subdistribution <- function(time, state, x, ...) { f <- crr(time, state, as.matrix(x), gtol = 1e-14, maxiter = 60, ...)
  list(coefficients = unname(f$coef), std_error = sqrt(diag(f$var)), log_likelihood = c(f$loglik.null, f$loglik)) }
hazard <- function(f, d) { m <- eval(substitute(coxph(f, d, control = tight))); list(coefficients = unname(coef(m)), std_error = unname(sqrt(diag(vcov(m)))), log_likelihood = m$loglik, ph = unname(cox.zph(m)$table[, 1])) }
M <- transform(Melanoma, cause = c(1, 0, 2)[status], thick = log(thickness)); days <- c(1000, 2000, 3000)
B <- transform(bmt, cause = ifelse(d2 == 1, 1, ifelse(d3 == 1, 2, 0)), low = as.numeric(group == 2), high = as.numeric(group == 3))
A <- abortion; weeks <- c(10, 15, 20, 39)
etm_cif <- summary(etmCIF(Surv(entry, exit, cause != 0) ~ group, A, etype = cause)); week <- function(g, k, of) { c <- etm_cif[[g]][[paste("CIF", k)]]; c[[of]][findInterval(weeks, c$time)] }
report(packages = c("survival", "cmprsk", "etm", "MASS", "KMsurv", "riskRegression"), list(
  call = "survfit, survdiff, coxph, cox.zph, cuminc, crr, etmCIF on Melanoma, bmt, Paquid, abortion",
  melanoma = list(days = days, aj = incidence(M$time, M$cause, days), cmprsk = aalen(M$time, M$cause, days),
    gray_sex = unname(cuminc(M$time, M$cause, M$sex)$Tests[, "stat"]), gray_ulcer = unname(cuminc(M$time, M$cause, M$ulcer)$Tests[, "stat"]),
    log_rank_sex = survdiff(Surv(time, cause == 1) ~ sex, M)$chisq, log_rank_ulcer = survdiff(Surv(time, cause == 1) ~ sex + strata(ulcer), M)$chisq,
    crr = subdistribution(M$time, M$cause, M[, c("sex", "thick", "ulcer")]), cox = hazard(Surv(time, cause == 1) ~ sex + thick + ulcer, M)),
  bmt = list(days = c(100, 365, 730), aj = incidence(B$t2, B$cause, c(100, 365, 730)), cmprsk = aalen(B$t2, B$cause, c(100, 365, 730)),
    free = lapply(1:3, function(g) curve(Surv(t2, cause > 0) ~ 1, B[B$group == g, ], c(100, 365, 730))),
    log_rank = survdiff(Surv(t2, cause > 0) ~ group, B)$chisq, log_rank_fab = survdiff(Surv(t2, cause > 0) ~ group + strata(z8), B)$chisq,
    crr = subdistribution(B$t2, B$cause, B[, c("low", "high")]), cox = hazard(Surv(t2, cause > 0) ~ low + high + z8, B)),
  paquid = list(years = c(2, 5, 10), aj = incidence(Paquid$time, Paquid$status, c(2, 5, 10)), gray = unname(cuminc(Paquid$time, Paquid$status, Paquid$MMSE < 28)$Tests[, "stat"]),
    crr = subdistribution(Paquid$time, Paquid$status, Paquid[, c("DSST", "MMSE")]), cox = hazard(Surv(time, status == 1) ~ DSST + MMSE, Paquid)),
  abortion = list(weeks = weeks, groups = lapply(1:2, function(g) lapply(1:3, function(k) list(estimate = week(g, k, "P"), variance = week(g, k, "var")))),
    cox = hazard(Surv(entry, exit, cause == 1) ~ group, A))
))
