# crr() and finegray() + coxph() on the simulated cohort. crr has neither weights, entry nor strata of the model; its variance
# with cengroup divides by everybody at risk of censoring. finegray(strata()) splits at its own stratum's event times only: for a stratified coxph.
source("../report.R"); suppressMessages({library(survival); library(cmprsk)})
x <- cohort(); X <- as.matrix(x[, c("age", "male", "marker")]); x$state <- factor(x$cause, 0:2)
tight <- coxph.control(eps = 1e-15, toler.chol = 1e-16, iter.max = 60)
who <- data.frame(age = 70, male = 1, marker = 2); z <- c(70, 1, 2)
of_crr <- function(...) { f <- crr(x$exit, x$cause, X, gtol = 1e-14, maxiter = 60, ...); p <- predict(f, z)
  list(coefficients = unname(f$coef), std_error = sqrt(diag(f$var)), model_std_error = sqrt(diag(f$inv)),
       log_likelihood = c(f$loglik.null, f$loglik), time = p[, 1], incidence = p[, 2]) }
of_finegray <- function(data, ties, f = Surv(fgstart, fgstop, fgstatus) ~ age + male + marker, newdata = who) {
  m <- do.call(coxph, list(f, data, weights = data$fgwt, ties = ties, cluster = data$id, control = tight))
  out <- list(coefficients = unname(coef(m)), std_error = unname(sqrt(diag(vcov(m)))), model_std_error = unname(sqrt(diag(m$naive.var))), log_likelihood = m$loglik)
  s <- survfit(m, newdata = newdata); i <- s$n.event > 0
  c(out, list(time = s$time[i], incidence = 1 - s$surv[i], hazard_std_error = s$std.chaz[i]))
}
v <- ~ age + male + marker + id + centre
late <- finegray(update(v, Surv(entry, exit, state) ~ .), x, etype = 1, id = id)
usual <- finegray(update(v, Surv(exit, state) ~ .), x, etype = 1)
strat <- finegray(update(v, Surv(entry, exit, state) ~ . + strata(centre)), x, etype = 1, id = id)
weighted <- finegray(update(v, Surv(entry, exit, state) ~ .), x, etype = 1, id = id, weights = x$weight)
by_centre <- Surv(fgstart, fgstop, fgstatus) ~ age + male + marker + strata(centre)
report(list(
  call = "crr(exit, cause, cbind(age, male, marker)); coxph(Surv(fgstart, fgstop, fgstatus) ~ ., finegray(...), weights = fgwt, cluster = id)",
  crr = of_crr(), crr_cause_2 = of_crr(failcode = 2), crr_groups = of_crr(cengroup = x$centre),
  finegray = of_finegray(usual, "breslow"), finegray_efron = of_finegray(usual, "efron"),
  delayed = of_finegray(late, "breslow"), delayed_efron = of_finegray(late, "efron"), weighted = of_finegray(weighted, "breslow"),
  strata = of_finegray(strat, "efron", by_centre, cbind(who, centre = 1))
), c("survival", "cmprsk"))
