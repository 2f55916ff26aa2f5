source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- as.integer(x$cause > 0); x$first <- as.integer(x$cause == 1); x$family <- x$id %/% 3
s <- start_stop()
r <- function(c) list(estimate = unname(c$concordance), std_error = sqrt(c$var),
  count = unname(if (is.matrix(c$count)) colSums(c$count) else c$count))   # concordant, discordant, tied.x, tied.y, tied.xy
of <- function(formula, ...) r(do.call(concordance, c(list(formula, data = x, reverse = TRUE), list(...))))
fit <- coxph(Surv(entry, exit, dead) ~ age + male, x)
by_centre <- coxph(Surv(entry, exit, dead) ~ age + male + strata(centre), x, weights = weight)
more <- coxph(Surv(entry, exit, dead) ~ age + male + marker, x)
both <- concordance(fit, more)
report(list(
  call = "concordance(Surv(entry, exit, event) ~ score + strata(g), weights =, cluster =, timewt =, ymax =, reverse = TRUE)",
  right = of(Surv(exit, dead) ~ marker), entry = of(Surv(entry, exit, dead) ~ marker),
  tied = of(Surv(entry, exit, dead) ~ male), cause = of(Surv(entry, exit, first) ~ age),
  weighted = of(Surv(entry, exit, dead) ~ marker, weights = x$weight),
  clustered = of(Surv(entry, exit, dead) ~ marker, cluster = x$family),
  stratified = of(Surv(entry, exit, dead) ~ marker + strata(group), weights = x$weight, cluster = x$family),
  horizon = of(Surv(entry, exit, dead) ~ marker, ymax = 300),
  uno = of(Surv(exit, dead) ~ marker, timewt = "n/G2"),
  uno_horizon = of(Surv(exit, dead) ~ marker, timewt = "n/G2", ymax = 500),
  uno_weighted = of(Surv(exit, dead) ~ male + strata(group), timewt = "n/G2", weights = x$weight, cluster = x$family),
  start_stop = r(concordance(Surv(entry, exit, event) ~ age, s, cluster = id, reverse = TRUE)),
  cox = r(concordance(fit)), cox_clustered = r(concordance(update(fit, cluster = family))), cox_by_centre = r(concordance(by_centre)),
  cox_elsewhere = r(concordance(fit, newdata = subset(x, centre > 0))),
  two = list(estimate = unname(both$concordance), covariance = unname(both$var),
             difference = sqrt(drop(c(1, -1) %*% both$var %*% c(1, -1)))),
  lung = { f <- coxph(Surv(time, status) ~ age + sex, lung); list(cox = r(concordance(f)), uno = r(concordance(f, timewt = "n/G2"))) }
))
