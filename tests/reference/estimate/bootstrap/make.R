# boot.ci on replicates that are written down beside its answers: the limits, not the draws.
source("../report.R"); suppressMessages({library(boot); library(survival)})
x <- cohort(); x$dead <- as.integer(x$cause > 0)
at <- function(d, i) { s <- summary(survfit(Surv(exit, dead) ~ group, d[i, ]), times = 300)$surv; s[2] - s[1] }
set.seed(1)
b <- boot(x, at, R = 499, strata = x$group)
influence <- empinf(b, type = "jack")
ci <- function(conf) { r <- boot.ci(b, conf = conf, type = c("norm", "perc", "bca"), L = influence)
  list(normal = unname(r$normal[2:3]), percentile = unname(r$percent[4:5]), bca = unname(r$bca[4:5])) }
report(packages = c("boot", "survival"), list(
  call = 'boot.ci(b, type = c("norm", "perc", "bca"), L = influence)',
  estimate = unname(b$t0), replicates = as.vector(b$t), influence = as.vector(influence), sd = sd(b$t),
  `0.95` = ci(.95), `0.9` = ci(.9), `0.8` = ci(.8), `0.99` = ci(.99)
))
