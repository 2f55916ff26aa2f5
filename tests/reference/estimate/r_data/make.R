# Data sets of R's survival that the lifelines package ships too: results only, no rows.
source("../report.R"); suppressMessages(library(survival))
l <- lung; l$dead <- l$status == 2
km <- summary(survfit(Surv(time, dead) ~ sex, l, conf.type = "log-log"), times = 365)
lr <- function(f, ...) survdiff(f, l, ...)$chisq
m <- coxph(Surv(time, dead) ~ age + sex + ph.ecog, l, control = coxph.control(eps = 1e-13, toler.chol = 1e-15))
h <- coxph(Surv(start, stop, event) ~ age + surgery + transplant, heart, cluster = id, control = coxph.control(eps = 1e-13, toler.chol = 1e-15))
report(list(
  call = "survfit, survdiff, coxph, cox.zph on lung and heart",
  lung = list(
    km = list(estimate = km$surv, std_error = km$std.err, conf_low = km$lower, conf_high = km$upper),
    log_rank = lr(Surv(time, dead) ~ sex), stratified = lr(Surv(time, dead) ~ sex + strata(ph.ecog)), rho_1 = lr(Surv(time, dead) ~ sex, rho = 1),
    coefficients = unname(coef(m)), std_error = unname(sqrt(diag(vcov(m)))), log_likelihood = m$loglik,
    ph = unname(cox.zph(m)$table[, 1])),
  heart = list(coefficients = unname(coef(h)), std_error = unname(sqrt(diag(vcov(h)))))
))
