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
# One patient whose covariates change on the way: a row of newdata for each part. The variance that
# survfit 3.5 gives with `id` takes the covariates of the last part for the whole way, so only what
# it has of the hazard is taken (by a fit whose coefficients have no variance); what the
# coefficients add is q'Vq with q the derivative of survfit's hazard by them, by differences.
way <- function(m, parts, se = TRUE) { parts$event <- parts$dead <- 0; parts$id <- 1
  hazard <- function(m) survfit(m, newdata = parts, id = id)$cumhaz
  if (!se) return(list(hazard = hazard(m)))
  moved <- function(k, step) { b <- coef(m); b[k] <- b[k] + step
    eval(substitute(update(m, init = B, control = coxph.control(iter.max = 0)), list(B = unname(b)))) }
  slope <- function(k) { h <- 1e-3 * sqrt(vcov(m)[k, k])
    (8 * (hazard(moved(k, h)) - hazard(moved(k, -h))) - hazard(moved(k, 2 * h)) + hazard(moved(k, -2 * h))) / (12 * h) }
  q <- sapply(seq_along(coef(m)), slope); certain <- m; certain$var[] <- 0
  s <- survfit(certain, newdata = parts, id = id)
  se <- sqrt(s$std.chaz^2 + rowSums((q %*% vcov(m)) * q)); z <- qnorm(0.975)
  list(time = s$time + (if (s$time[1] <= parts$entry[1]) parts$entry[1] else 0),   # R counts from the first entry
       hazard = s$cumhaz, hazard_std_error = se, survival = s$surv, std_error = s$surv * se,
       limits = list(log = list(low = s$surv * exp(-z * se), high = pmin(1, s$surv * exp(z * se))))) }
# The robust curve: survfit of a clustered fit has the coefficients' robust variance, the baseline's of
# the model. The whole is the jackknife: each subject's weight moved, the model fitted again.
jackknifed <- function(of_fit, f, d, found) {
  d$w <- 1; hazard <- function(w) { d$w <- w; environment(f) <- environment()
    of_fit(coxph(f, d, weights = w, control = tight, robust = FALSE))$hazard }
  pull <- sapply(unique(d$id), function(i) { g <- function(k) hazard(ifelse(d$id == i, 1 + k * 1e-3, 1))
    (8 * (g(1) - g(-1)) - g(2) + g(-2)) / 12e-3 })
  se <- sqrt(rowSums(pull^2)); S <- found$survival; z <- qnorm(0.975)
  found$hazard_std_error <- se; found$std_error <- S * se
  found$limits <- list(log = list(low = S * exp(-z * se), high = pmin(1, S * exp(z * se))),
    "log-log" = list(low = S^exp(z * se / abs(log(S))), high = S^exp(-z * se / abs(log(S)))))
  found }
begun <- data.frame(entry = c(0, 120, 300), exit = c(120, 300, 900), exposed = c(0, 1, 1), age = 55, male = c(0, 0, 1))
risen <- data.frame(entry = c(0, 200), exit = c(200, 900), age = 70, male = 1, marker = c(1, 4))
exposure <- Surv(entry, exit, event) ~ exposed + age + male
report(list(
  call = "survfit(coxph(), newdata, id =, conf.type =), basehaz(coxph(), centered = FALSE)",
  changes = list(efron = way(fit(exposure, y), begun), breslow = way(fit(exposure, y, ties = "breslow"), begun),
                 clustered = jackknifed(function(m) way(m, begun, se = FALSE), exposure, y, way(fit(exposure, y), begun)),
                 weighted = way(fit(f, weights = weight, robust = FALSE), risen),
                 stratum_1 = way(strat, cbind(risen, centre = 1)),
                 started = way(fit(exposure, y), begun[-1, ])),
  efron = of(fit(f), who), breslow = of(fit(f, ties = "breslow"), who),
  right_censored = of(fit(Surv(exit, dead) ~ age + male + marker), who),
  weighted = of(fit(f, weights = weight, robust = FALSE), who),
  weighted_breslow = of(fit(f, weights = weight, ties = "breslow", robust = FALSE), who),
  robust = jackknifed(function(m) curve(survfit(m, newdata = who)), f, x, of(fit(f), who)),
  start_stop = of(fit(Surv(entry, exit, event) ~ exposed + age + male, y), data.frame(exposed = 1, age = 55, male = 0)),
  stratum_0 = one(0), stratum_2 = one(2)
))
