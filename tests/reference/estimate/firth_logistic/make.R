# Firth's logistic regression by optim() of l(b) + 1/2 log |I(b)|; points also by brglm2.
source("../report.R")
x <- cohort(); x$found <- as.integer(x$cause == 1 & x$exit < 400); x$age <- x$age - 60
logistic <- function(y, X, w) function(b) {
  eta <- drop(X %*% b); p <- plogis(eta)
  sum(w * (y * eta - log1p(exp(eta)))) + determinant(crossprod(X * sqrt(w * p * (1 - p))))$modulus[1] / 2
}
climb <- function(g, b) {
  for (i in 1:8) b <- if (length(b) == 1) optimize(function(z) -g(z), b + c(-4, 4) / i^2, tol = 1e-14)$minimum
                      else optim(b, function(z) -g(z), control = list(reltol = 1e-17, maxit = 9000))$par
  structure(g(b), at = b)
}
firth <- function(y, X, scale, w = 1) {
  l <- logistic(y, sweep(X, 2, scale, "/"), w); p <- ncol(X)
  best <- climb(l, rep(0, p)); b <- attr(best, "at")
  profile <- function(r, v) as.numeric(climb(function(z) { w <- numeric(p); w[r] <- v; w[-r] <- z; l(w) }, b[-r]))
  drop <- function(r) function(v) 2 * (as.numeric(best) - profile(r, v)) - qchisq(.95, 1)
  root <- function(r, to) uniroot(drop(r), sort(c(b[r], b[r] + to)), tol = 1e-10, extendInt = if (to < 0) "downX" else "upX")$root
  tested <- 2:p
  list(coefficients = b / scale, conf_low = sapply(tested, root, to = -3) / scale[-1],
       conf_high = sapply(tested, root, to = 3) / scale[-1],
       p_value = sapply(tested, function(r) pchisq(2 * (as.numeric(best) - profile(r, 0)), 1, lower.tail = FALSE)))
}
points <- function(y, X, weights = rep(1, length(y))) {
  m <- glm(y ~ X - 1, weights = weights, family = binomial, method = brglm2::brglmFit, type = "AS_mean",
           control = list(epsilon = 1e-13, maxit = 1000))
  p <- drop(plogis(X %*% coef(m))); v <- p * (1 - p); w <- weights * v          # logistf >= 1.24: errors of the augmented data
  h <- rowSums((X * sqrt(w)) %*% solve(crossprod(X * sqrt(w))) * (X * sqrt(w)))
  list(coefficients = unname(coef(m)), std_error = sqrt(diag(solve(crossprod(X * sqrt(v * (weights + h)))))))
}
X <- cbind(1, x$age, x$male, x$marker)
few <- 1:40                                   # separated by a rule: nobody with the marker above 4 and male
rare <- as.integer(x$found & !(x$male == 1)); Z <- cbind(1, x$male, x$age)[few, ]
arms <- function(a, n1, n0) { e <- rep(c(1, 0, 0), c(a, n1 - a, n0)); list(e, cbind(1, rep(c(1, 1, 0), c(a, n1 - a, n0)))) }
two <- arms(13, 48, 57)
data(endometrial, package = "brglm2", envir = environment()); E <- with(endometrial, cbind(1, NV, PI, EH))
report(packages = "brglm2", list(
  call = "glm(method = brglm2::brglmFit, type = 'AS_mean'); optim() and uniroot() on the penalised likelihood",
  points = points(x$found, X), profile = firth(x$found, X, c(1, 10, 1, 2)),
  weighted_points = points(x$found, X, x$copies), weighted = firth(x$found, X, c(1, 10, 1, 2), x$copies),
  separated_points = points(rare[few], Z), separated = firth(rare[few], Z, c(1, 1, 10)),
  arms_48_57 = firth(two[[1]], two[[2]], c(1, 1)),
  endometrial_points = points(endometrial$HG, E), endometrial = firth(endometrial$HG, E, c(1, 1, 10, 1))
))
