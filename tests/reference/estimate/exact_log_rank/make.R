# coin's statistic is the excess of the first group, with the sign turned; its exact distribution is by split-up too.
source("../report.R"); suppressMessages({library(coin); library(survival)})
x <- cohort(); x$dead <- as.integer(x$cause > 0); x <- x[x$group < 2, ]; x$g <- factor(x$group)
exact <- function(rows, rho = 0, gamma = 0, d = x) { d <- d[rows, ]
  run <- function(alternative) logrank_test(Surv(exit, dead) ~ g, d, distribution = "exact", type = "Fleming-Harrington", rho = rho, gamma = gamma, alternative = alternative)
  t <- run("two.sided"); list(rows = rows - 1, rho = rho, gamma = gamma, excess = as.vector(statistic(t, "linear")), z = as.vector(statistic(t)), p_value = pvalue(t)[1],
    greater = pvalue(run("greater"))[1], less = pvalue(run("less"))[1]) }
data(glioma); gl <- data.frame(exit = glioma$time, dead = as.integer(glioma$event), g = glioma$group)
III <- which(glioma$histology == "Grade3"); IV <- which(glioma$histology == "GBM")
report(packages = c("coin", "survival"), list(
  call = "coin::logrank_test(Surv(exit, dead) ~ group, distribution = 'exact', type = 'Fleming-Harrington', rho =, gamma =)",
  cohort = list(exact(1:12), exact(1:20), exact(21:44), exact(30:59), exact(1:20, rho = 1), exact(21:44, gamma = 1), exact(1:24, rho = 1, gamma = 1), exact(101:124, rho = .5, gamma = .5), exact(60:89, gamma = 2)),
  glioma = list(exact(III, d = gl), exact(IV, d = gl))
))
