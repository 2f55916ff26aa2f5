# survreg on windows; with late entry, which it does not take, the same likelihood written out and given to optim.
source("../report.R"); suppressMessages(library(survival))
w <- read.csv("../inputs/windows.csv")
w$l <- ifelse(w$left == 0, NA, w$left); w$r <- ifelse(is.finite(w$right), w$right, NA)
tight <- survreg.control(rel.tolerance = 1e-14, maxiter = 200)
dists <- c(weibull = "weibull", exponential = "exponential", "log-logistic" = "loglogistic", "log-normal" = "lognormal")
person <- data.frame(age = 65, male = 1)
fit <- function(dist, weights) {
  f <- survreg(Surv(l, r, type = "interval2") ~ age + male, w, weights = weights, dist = dist, control = tight)
  q <- predict(f, person, type = "uquantile", p = c(0.25, 0.5, 0.9), se.fit = TRUE)
  list(coefficients = unname(coef(f)), log_scale = log(f$scale), std_error = unname(sqrt(diag(vcov(f)))),
       log_likelihood = f$loglik[2], log_likelihood_null = f$loglik[1],
       log_quantile = as.vector(q$fit), log_quantile_se = as.vector(q$se.fit))
}
S <- list(weibull = function(z) exp(-exp(z)), "log-logistic" = function(z) 1 / (1 + exp(z)), "log-normal" = function(z) pnorm(-z))
f <- list(weibull = function(z) exp(z - exp(z)), "log-logistic" = function(z) dlogis(z), "log-normal" = function(z) dnorm(z))
late <- function(dist) {
  X <- cbind(1, w$age - 60, w$male)
  loss <- function(th) {
    s <- exp(th[4]); z <- function(t) (log(t) - drop(X %*% th[1:3])) / s
    exact <- w$left == w$right
    p <- ifelse(exact, f[[dist]](z(w$right)) / (s * w$right), S[[dist]](z(w$left)) - S[[dist]](z(w$right)))
    -sum(w$copies * (log(p) - log(S[[dist]](z(w$entry)))))
  }
  o <- optim(c(log(300), 0, 0, 0), loss, method = "BFGS", control = list(reltol = 1e-16, maxit = 5000, parscale = c(1, .05, 1, 1)))
  for (i in 1:5) {  # Newton steps on numerical derivatives, to the last digits
    h <- c(1e-4, 1e-5, 1e-4, 1e-4); e <- diag(h)
    g <- sapply(1:4, function(i) (8 * (loss(o$par + e[i, ]) - loss(o$par - e[i, ])) - (loss(o$par + 2 * e[i, ]) - loss(o$par - 2 * e[i, ]))) / (12 * h[i]))
    H <- optimHess(o$par, loss, control = list(parscale = c(1, .05, 1, 1), ndeps = rep(1e-3, 4)))
    o$par <- o$par - solve(H, g)
  }
  list(coefficients = c(o$par[1] - 60 * o$par[2], o$par[2:3]), log_scale = o$par[4], log_likelihood = -loss(o$par),
       slope_error = sqrt(diag(solve(H)))[2:4])
}
report(list(
  call = "survreg(Surv(l, r, type = 'interval2') ~ age + male, weights = copies); optim where entry is late",
  plain = lapply(dists, fit, weights = rep(1, nrow(w))), weighted = lapply(dists, fit, weights = w$copies),
  late = sapply(names(S), late, simplify = FALSE)
))
