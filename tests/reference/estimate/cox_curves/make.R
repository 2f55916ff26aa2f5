source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- as.integer(x$cause > 0); y <- start_stop()
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 60)
fit <- function(f, d = x, ...) eval(substitute(coxph(f, d, control = tight, ...)))
who <- data.frame(age = 70, male = 1, marker = 2)
curve <- function(s) list(time = s$time, at_risk = s$n.risk, events = s$n.event, censored = s$n.censor, survival = s$surv,
  hazard = s$cumhaz, hazard_std_error = s$std.chaz, std_error = s$surv * s$std.err)
limits <- function(m, who, types = c("log", "log-log", "plain", "logit")) sapply(types, function(type) {
  s <- survfit(m, newdata = who, conf.type = type); list(low = s$lower, high = s$upper) }, simplify = FALSE)
of <- function(m, who) { s <- survfit(m, newdata = who); b <- basehaz(m, centered = FALSE)
  c(curve(s), list(limits = limits(m, who), baseline = b$hazard)) }
f <- Surv(entry, exit, dead) ~ age + male + marker
strat <- fit(Surv(entry, exit, dead) ~ age + male + marker + strata(centre))
one <- function(k) { s <- survfit(strat, newdata = cbind(who, centre = k)); c(curve(s), list(limits = limits(strat, cbind(who, centre = k)))) }
report(list(
  call = "survfit(coxph(), newdata, conf.type =), basehaz(coxph(), centered = FALSE)",
  efron = of(fit(f), who), breslow = of(fit(f, ties = "breslow"), who),
  right_censored = of(fit(Surv(exit, dead) ~ age + male + marker), who),
  weighted = of(fit(f, weights = weight, robust = FALSE), who),
  weighted_breslow = of(fit(f, weights = weight, ties = "breslow", robust = FALSE), who),
  robust = of(fit(f, cluster = id), who),
  start_stop = of(fit(Surv(entry, exit, event) ~ exposed + age + male, y), data.frame(exposed = 1, age = 55, male = 0)),
  stratum_0 = one(0), stratum_2 = one(2)
))
