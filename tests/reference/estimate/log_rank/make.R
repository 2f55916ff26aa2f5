source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- as.integer(x$cause > 0)
of <- function(s) list(statistic = s$chisq, df = length(s$n) - 1, p_value = pchisq(s$chisq, length(s$n) - 1, lower.tail = FALSE),
  observed = if (is.matrix(s$obs)) rowSums(s$obs) else s$obs, expected = if (is.matrix(s$exp)) rowSums(s$exp) else s$exp, variance = s$var)
# survdiff takes no delayed entry; the score test of the exact partial likelihood is the log-rank test
score <- function(f) { m <- coxph(f, x, ties = "exact", iter.max = 0); list(statistic = m$score, df = 2) }
report(list(
  call = "survdiff(Surv(exit, dead) ~ group [+ strata(centre)], rho = ); coxph(ties = 'exact')$score for delayed entry",
  plain = of(survdiff(Surv(exit, dead) ~ group, x)),
  stratified = of(survdiff(Surv(exit, dead) ~ group + strata(centre), x)),
  rho_1 = of(survdiff(Surv(exit, dead) ~ group, x, rho = 1)),
  rho_half_stratified = of(survdiff(Surv(exit, dead) ~ group + strata(centre), x, rho = 0.5)),
  cause_1 = of(survdiff(Surv(exit, cause == 1) ~ group, x)),
  entry = score(Surv(entry, exit, dead) ~ factor(group)),
  entry_stratified = score(Surv(entry, exit, dead) ~ factor(group) + strata(centre))
))
