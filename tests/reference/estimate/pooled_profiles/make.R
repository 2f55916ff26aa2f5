# Combination of likelihood profiles without logistf: optim() of the penalised likelihoods with one coefficient held, their
# signed roots as normal quantiles, uniroot() of the mean distribution.
source("../report.R")
x <- cohort(); imp <- read.csv("../inputs/imputations.csv"); m <- 5; x$dead <- as.integer(x$cause > 0)
sets <- lapply(1:m, function(i) transform(x, age = (imp[[paste0("age_", i)]] - 60) / 10, marker = imp[[paste0("marker_", i)]]))
logistic <- function(d, names, event) { X <- cbind(1, as.matrix(d[names])); y <- d[[event]]
  function(b) { eta <- drop(X %*% b); p <- plogis(eta); sum(y * eta - log1p(exp(eta))) + determinant(crossprod(X * sqrt(p * (1 - p))))$modulus[1] / 2 } }
partial <- function(d, names, event) { X <- as.matrix(d[names]); e <- d[[event]] == 1; at <- sort(unique(d$exit[e])); p <- ncol(X)   # Breslow's ties
  R <- outer(at, d$entry, ">") & outer(at, d$exit, "<="); D <- sapply(at, function(t) sum(e & d$exit == t)); XX <- X[, rep(1:p, p)] * X[, rep(1:p, each = p)]
  function(b) { eta <- drop(X %*% b); S <- (R * 1) %*% (exp(eta) * cbind(1, X, XX)); M <- S[, 1 + 1:p] / S[, 1]
    sum(eta[e]) - sum(D * log(S[, 1])) + determinant(matrix(colSums(D * S[, -(0:p + 1)] / S[, 1]), p) - crossprod(M * sqrt(D)))$modulus[1] / 2 } }
climb <- function(g, b) { if (length(b) == 0) return(g(b))
  for (i in 1:3) b <- if (length(b) == 1) optimize(function(z) -g(z), b + c(-6, 6) / i^4, tol = 1e-11)$minimum else optim(b, function(z) -g(z), method = "BFGS", control = list(reltol = 1e-17, ndeps = rep(1e-5, length(b))))$par
  structure(g(b), at = b) }
combined <- function(likelihoods, p, tested) { best <- lapply(likelihoods, climb, b = rep(0, p)); at <- sapply(best, attr, "at")
  out <- sapply(tested, function(r) { F <- function(v) mean(sapply(1:m, function(k) { b <- at[, k]
      held <- climb(function(z) { w <- b; w[r] <- v; w[-r] <- z; likelihoods[[k]](w) }, b[-r])
      pnorm(sign(v - b[r]) * sqrt(2 * max(as.numeric(best[[k]]) - as.numeric(held), 0))) }))
    centre <- mean(at[r, ]); root <- function(q, to) uniroot(function(v) F(v) - q, sort(c(centre, centre + to)), tol = 1e-9, extendInt = "upX")$root
    c(centre, root(.025, -1), root(.975, 1), 2 * min(F(0), 1 - F(0))) })
  list(estimate = exp(out[1, ]), low = exp(out[2, ]), high = exp(out[3, ]), p_value = out[4, ]) }
of <- function(rows, kind, names, event, add) combined(lapply(sets, function(d) kind(add(d)[rows, ], names, event)), length(names) + identical(kind, logistic), seq_along(names) + identical(kind, logistic))
found <- function(d) transform(d, found = as.integer(cause == 1 & exit < 400), rare = as.integer(cause == 1 & exit < 400 & male == 0))
report(packages = NULL, list(
  call = "optim() of penalised likelihoods, mean of pnorm(sign * sqrt(2 * fall of the profile)), uniroot()",
  logistic = of(1:206, logistic, c("male", "marker"), "found", found), few = of(1:45, logistic, c("male", "age"), "found", found),
  separated = of(1:60, logistic, c("male", "marker"), "rare", found),
  cox = of(1:50, partial, c("age", "marker"), "dead", found), cox_separated = of(1:60, partial, c("male", "marker"), "rare", found)
))
