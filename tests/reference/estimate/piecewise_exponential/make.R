# msm with a row at every cut, of a state that may be either; glm on the split data where times are exact.
source("../report.R"); suppressMessages({library(msm); library(survival)})
cuts <- c(150, 300)
rows_of <- function(w) do.call(rbind, lapply(seq_len(nrow(w)), function(i) {
  x <- w[i, ]; t <- x$entry; s <- 1; o <- 1
  if (x$left == x$right) { t <- c(t, x$right); s <- c(s, 2); o <- c(o, 3) } else {
    if (x$left > x$entry) { t <- c(t, x$left); s <- c(s, 1); o <- c(o, 1) }
    if (is.finite(x$right)) { t <- c(t, x$right); s <- c(s, 2); o <- c(o, 1) } }
  new <- cuts[cuts < max(t) & cuts > min(t) & !(cuts %in% t)]
  t <- c(t, new); s <- c(s, rep(99, length(new))); o <- c(o, rep(1, length(new))); k <- order(t)
  data.frame(id = i, time = t[k], state = s[k], obstype = o[k], age = x$age - 60, male = x$male)
}))
fit <- function(w) {
  d <- rows_of(w)
  d <- d[d$id %in% d$id[duplicated(d$id)], ]  # who is seen once only tells nothing
  d$p2 <- as.numeric(d$time >= 150 & d$time < 300); d$p3 <- as.numeric(d$time >= 300)
  f <- msm(state ~ time, id, data = d, qmatrix = rbind(c(0, 0.003), c(0, 0)), obstype = obstype, censor = 99,
           censor.states = 1:2, covariates = ~ p2 + p3 + age + male, center = FALSE, method = "BFGS",
           control = list(reltol = 1e-16, maxit = 10000, fnscale = 500, parscale = c(1, 1, 1, .05, 1)))
  b <- unname(f$estimates); base <- b[1] - 60 * b[4]
  list(coefficients = c(base, base + b[2], base + b[3], b[4], b[5]), log_likelihood = -f$minus2loglik / 2,
       effect_error = unname(sqrt(diag(f$covmat)))[4:5])
}
w <- read.csv("../inputs/windows.csv")
d <- read.csv("../inputs/cohort.csv"); d$event <- as.numeric(d$cause == 1)
long <- survSplit(Surv(entry, exit, event) ~ age + male + copies, d, cut = c(200, 500), episode = "piece")
g <- glm(event ~ 0 + factor(piece) + age + male, poisson, long, weights = copies, offset = log(exit - entry), control = list(epsilon = 1e-15))
e <- survreg(Surv(ifelse(left == 0, NA, left), ifelse(is.finite(right), right, NA), type = "interval2") ~ age + male, w,
             dist = "exponential", control = survreg.control(rel.tolerance = 1e-14, maxiter = 100))
report(list(
  call = "msm(state ~ time, covariates = ~ piece + age + male, censor = 99); glm(poisson) on exact times; survreg(dist = 'exponential')",
  windows = fit(w), from_zero = fit(transform(w, entry = 0)), copied = fit(w[rep(seq_len(nrow(w)), w$copies), ]),
  exact = list(coefficients = unname(coef(g)), std_error = unname(sqrt(diag(vcov(g))))),
  one_piece = list(coefficients = -unname(coef(e)), std_error = unname(sqrt(diag(vcov(e)))), log_likelihood = e$loglik[2])
), c("msm", "survival"))
