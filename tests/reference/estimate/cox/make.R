source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- as.integer(x$cause > 0); y <- start_stop()
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 60)
of <- function(m) { s <- summary(m); list(coefficients = unname(coef(m)), std_error = unname(sqrt(diag(vcov(m)))),
  log_likelihood = m$loglik, score = m$score, wald = m$wald.test, robust_score = m$rscore, concordance = unname(m$concordance["concordance"]), likelihood_ratio = unname(s$logtest[1]), n = m$n, events = m$nevent,
  conf_low = unname(s$conf.int[, 3]), conf_high = unname(s$conf.int[, 4]),
  p_value = unname(s$coefficients[, "Pr(>|z|)"])) }
fit <- function(f, d = x, ...) eval(substitute(coxph(f, d, control = tight, ...)))
ph <- function(m, transform) { z <- cox.zph(m, transform = transform)
  list(statistic = unname(z$table[, 1]), df = unname(z$table[, 2]), time = z$time, transformed_time = z$x, residuals = unname(z$y)) }
surv <- Surv(entry, exit, dead) ~ age + male + marker
efron <- fit(surv); strat <- fit(Surv(entry, exit, dead) ~ age + male + marker + strata(centre))
grouped <- fit(Surv(entry, exit, dead) ~ age + factor(group))
report(list(
  call = "coxph(Surv(entry, exit, dead) ~ age + male + marker [+ strata(centre)], ties =, weights =, cluster = id)",
  efron = of(efron), breslow = of(fit(surv, ties = "breslow")),
  right_censored = of(fit(Surv(exit, dead) ~ age + male + marker)),
  stratified = of(strat),
  weighted = of(fit(surv, weights = weight, robust = FALSE)),
  weighted_breslow = of(fit(surv, weights = weight, ties = "breslow", robust = FALSE)),
  robust = of(fit(surv, cluster = id)), robust_breslow = of(fit(surv, cluster = id, ties = "breslow")),
  weighted_robust = of(fit(surv, weights = weight, cluster = id)),
  weighted_stratified = of(fit(Surv(entry, exit, dead) ~ age + male + marker + strata(centre), weights = weight, robust = FALSE)),
  clustered = of(fit(Surv(entry, exit, event) ~ exposed + age + male, y, cluster = id)),
  stratified_robust = of(fit(Surv(entry, exit, event) ~ exposed + age + male + strata(centre), y, cluster = id)),
  by_centre = of(fit(surv, cluster = centre)),
  cause_2 = of(fit(Surv(entry, exit, cause == 2) ~ age + male + marker)),
  ph_km = ph(efron, "km"), ph_identity = ph(efron, "identity"), ph_stratified = ph(strat, "km"),
  ph_rank = ph(efron, "rank"), ph_log = ph(efron, "log"), ph_stratified_rank = ph(strat, "rank")[c("statistic", "df")],
  ph_weighted = ph(fit(surv, weights = weight, robust = FALSE), "km")[c("statistic", "df")],
  ph_weighted_identity = ph(fit(surv, weights = weight, robust = FALSE), "identity")[c("statistic", "df")],
  ph_weighted_breslow = ph(fit(surv, weights = weight, robust = FALSE, ties = "breslow"), "log")[c("statistic", "df")],
  ph_robust = ph(fit(surv, cluster = id), "km")[c("statistic", "df")],
  ph_start_stop = ph(fit(Surv(entry, exit, event) ~ exposed + age + male + strata(centre), y), "km")[c("statistic", "df")],
  ph_right_censored = ph(fit(Surv(exit, dead) ~ age + male + marker), "rank")[c("statistic", "df")],
  ph_breslow = ph(fit(surv, ties = "breslow"), "km")[c("statistic", "df")],
  ph_terms = ph(grouped, "km")[c("statistic", "df")]
))
