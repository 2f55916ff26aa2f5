# Firth-Cox without a Firth package: coxph(init = b, iter.max = 0) gives log-likelihood and information
# at any b, optim() maximises l(b) + 1/2 log |I(b)|, uniroot() finds where its profile has fallen.
source("../report.R"); suppressMessages(library(survival))
y <- start_stop(); y$w <- (y$id %% 3 + 1) / 2; y$one <- 1
at_b <- function(f, ties, w, b) suppressWarnings(do.call(coxph, list(f, y, weights = y[[w]], ties = ties, init = b, robust = FALSE,
  control = coxph.control(iter.max = 0))))
penalised <- function(f, ties, w) function(b) {
  m <- at_b(f, ties, w, b)
  m$loglik[1] - determinant(vcov(m))$modulus[1] / 2
}
climb <- function(g, b) {                     # Nelder-Mead, then BFGS, until nothing moves
  if (length(b) == 0) return(g(b))
  best <- b
  for (i in 1:6) {
    best <- if (length(b) == 1) optimize(function(z) -g(z), best + c(-4, 4) / i^2, tol = 1e-14)$minimum
            else optim(best, function(z) -g(z), control = list(reltol = 1e-16, maxit = 5000))$par
  }
  structure(g(best), at = best)
}
firth <- function(f, ties, scale, w = "one") {
  l <- penalised(f, ties, w); p <- length(scale)
  at <- function(z) l(z / scale)
  best <- climb(at, rep(0, p)); b <- attr(best, "at")
  profile <- function(r, v) as.numeric(climb(function(z) { w <- numeric(p); w[r] <- v; w[-r] <- z; at(w) }, b[-r]))
  drop <- function(r) function(v) 2 * (as.numeric(best) - profile(r, v)) - qchisq(.95, 1)
  root <- function(r, to) uniroot(drop(r), sort(c(b[r], b[r] + to)), tol = 1e-10, extendInt = if (to < 0) "downX" else "upX")$root
  m <- at_b(f, ties, w, b / scale)
  list(coefficients = b / scale, log_likelihood = as.numeric(best), std_error = unname(sqrt(diag(vcov(m)))),
       conf_low = sapply(1:p, root, to = -3) / scale, conf_high = sapply(1:p, root, to = 3) / scale,
       p_value = sapply(1:p, function(r) pchisq(2 * (as.numeric(best) - profile(r, 0)), 1, lower.tail = FALSE)))
}
y$age <- y$age - 60
two <- Surv(entry, exit, rare) ~ exposed + age; one <- Surv(entry, exit, rare) ~ exposed
report(list(
  call = "optim() of coxph(init = b, iter.max = 0)$loglik - log det vcov / 2",
  efron = firth(two, "efron", c(1, 10)), breslow = firth(two, "breslow", c(1, 10)),
  stratified = firth(Surv(entry, exit, rare) ~ exposed + age + strata(centre), "efron", c(1, 10)),
  weighted = firth(two, "efron", c(1, 10), "w"), weighted_breslow = firth(two, "breslow", c(1, 10), "w"),
  weighted_strata = firth(Surv(entry, exit, rare) ~ exposed + age + strata(centre), "efron", c(1, 10), "w"),
  alone = firth(one, "efron", 1), alone_breslow = firth(one, "breslow", 1)
))
