# Breast cosmesis as R's npsurv has it, and the simulated windows: results only, no rows of npsurv.
# npsurv climbs by constrained Newton steps (Wang 2008), another way than the Turnbull estimate's own.
source("../report.R"); suppressMessages({library(npsurv); library(survival)})
data(cancer, package = "npsurv", envir = environment())
npmle <- function(d) { f <- npsurv(d, tol = 1e-13, maxit = 10000); list(left = f$f$left, right = f$f$right, mass = f$f$p, log_likelihood = f$ll) }
windows <- read.csv("../inputs/windows.csv"); bounds <- read.csv("../inputs/bounds.csv")
seen <- function(d) d[d$left < d$right, c("left", "right")]
exams <- data.frame(left = ifelse(cancer$L == 0, NA, cancer$L), right = ifelse(is.finite(cancer$R), cancer$R, NA), chemotherapy = as.numeric(cancer$group == "RCT"))
aft <- function(dist) { f <- survreg(Surv(left, right, type = "interval2") ~ chemotherapy, exams, dist = dist, control = survreg.control(rel.tolerance = 1e-13, maxiter = 100))
  list(coefficients = unname(coef(f)), log_scale = log(f$scale), std_error = unname(sqrt(diag(vcov(f)))), log_likelihood = f$loglik[2], log_likelihood_null = f$loglik[1]) }
report(packages = c("npsurv", "survival"), list(
  call = "npsurv(cbind(left, right), tol = 1e-13); survreg(Surv(left, right, type = 'interval2') ~ chemotherapy, dist = )",
  alone = npmle(cancer[cancer$group == "RT", 1:2]), with_chemotherapy = npmle(cancer[cancer$group == "RCT", 1:2]),
  bounds = npmle(seen(bounds)), windows_0 = npmle(seen(windows[windows$group == 0, ])),
  windows_1 = npmle(seen(windows[windows$group == 1, ])), windows_2 = npmle(seen(windows[windows$group == 2, ])),
  aft = list(weibull = aft("weibull"), exponential = aft("exponential"), `log-logistic` = aft("loglogistic"), `log-normal` = aft("lognormal"))
))
