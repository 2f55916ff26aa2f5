source("../report.R"); suppressMessages(library(msm))
x <- read.csv("../inputs/panel.csv"); seen <- x[x$state != 99, ]
Q <- rbind(c(0, .2, .05), c(.1, 0, .2), 0)             # well <-> ill, both to dead
at <- list(treated = 1, age = 0.5)
# The likelihood and its slope at stated parameters: no optimiser. Parameters as msm orders them: all q, then each covariate.
fix <- function(q = c(.2, .05, .1, .2), beta = list(), data = x, ...) { m <- Q; m[cbind(c(1, 1, 2, 2), c(2, 3, 1, 3))] <- q
  msm(state ~ years, subject = id, data = data, qmatrix = m, covinits = beta, center = FALSE, fixedpars = TRUE, ...) }
both <- list(treated = c(-.5, .1, .2, -.1), age = c(.1, .2, -.3, .05))
stated <- function(...) { m <- fix(...); list(minus_2_log_likelihood = m$minus2loglik, gradient = unname(-m$deriv / 2)) }
# The maximum: the same call, restarted where it stopped until nothing moves; errors from differences of msm's own slope.
fit <- function(covariates = NULL, data = x, times = 4, ...) { q <- Q; beta <- list()
  for (i in 1:times) { a <- list(state ~ years, subject = quote(id), data = data, qmatrix = q, center = FALSE,
      control = list(fnscale = 1000, reltol = 1e-16, maxit = 2000), ...)
    if (!is.null(covariates)) { a$covariates <- covariates; if (length(beta)) a$covinits <- beta }
    m <- do.call(msm, a); q <- qmatrix.msm(m, covariates = 0, ci = "none")
    k <- length(m$estimates); n <- names(m$qcmodel$ncovs); if (!is.null(covariates)) beta <- split_beta(m) }
  m }
split_beta <- function(m) { n <- m$qcmodel$covlabels; b <- m$estimates[-(1:4)]; setNames(lapply(seq_along(n), function(j) unname(b[4 * (j - 1) + 1:4])), n) }
slope_at <- function(p, m, data, ...) { a <- list(state ~ years, subject = quote(id), data = data, qmatrix = { q <- Q; q[cbind(c(1, 1, 2, 2), c(2, 3, 1, 3))] <- exp(p[1:4]); q }, center = FALSE, fixedpars = TRUE, ...)
  if (length(p) > 4) { n <- m$qcmodel$covlabels; a$covariates <- m$covariates; a$covinits <- setNames(lapply(seq_along(n), function(j) p[4 * j + 1:4]), n) }
  do.call(msm, a)$deriv / 2 }
covariance <- function(m, data, ...) { p <- unname(m$estimates); h <- 1e-4
  D <- function(j, h) { e <- replace(numeric(length(p)), j, h); (slope_at(p + e, m, data, ...) - slope_at(p - e, m, data, ...)) / (2 * h) }
  H <- sapply(seq_along(p), function(j) (4 * D(j, h) - D(j, 2 * h)) / 3); solve((H + t(H)) / 2) }
summarise <- function(m, data, at = "none", ...) { V <- covariance(m, data, ...); m$covmat <- V
  list(minus_2_log_likelihood = m$minus2loglik, estimates = unname(m$estimates), std_error = unname(sqrt(diag(V)))) }
no_covariates <- fit(deathexact = 3, censor = 99, censor.states = 1:2); V <- covariance(no_covariates, x, deathexact = 3, censor = 99, censor.states = 1:2)
P <- pmatrix.msm(no_covariates, t = 2.5, ci = "none")
# delta method on P by differences of msm's pmatrix at moved parameters
p_at <- function(p) { q <- Q; q[cbind(c(1, 1, 2, 2), c(2, 3, 1, 3))] <- exp(p); diag(q) <- -rowSums(q); as.vector(MatrixExp(q, 2.5)) }
J <- sapply(1:4, function(j) { e <- replace(numeric(4), j, 1e-4); p <- no_covariates$estimates; (8 * (p_at(p + e) - p_at(p - e)) - (p_at(p + 2 * e) - p_at(p - 2 * e))) / (12e-4) })
no_covariates$covmat <- V; sojourn <- sojourn.msm(no_covariates)
with <- fit(~ treated + age, deathexact = 3, censor = 99, censor.states = 1:2); with_q <- qmatrix.msm(with, covariates = at, ci = "none")
unseen_death <- fit(data = seen)
cut <- fit(deathexact = 3, censor = 99, censor.states = 1:2, pci = 4); two <- c(0, 1)
plain <- function(m) matrix(as.numeric(m), nrow(m))
report(packages = "msm", list(
  call = "msm(state ~ years, subject = id, qmatrix = Q, deathexact = 3, censor = 99, censor.states = 1:2, covariates = , pci = , center = FALSE)",
  stated = list(
    plain = stated(data = seen), exact = stated(deathexact = 3, censor = 99, censor.states = 1:2),
    covariates = stated(beta = both, covariates = ~ treated + age, deathexact = 3, censor = 99, censor.states = 1:2), cuts = stated(deathexact = 3, censor = 99, censor.states = 1:2, pci = c(2, 5))),
  fitted = list(
    exact = list(minus_2_log_likelihood = no_covariates$minus2loglik, estimates = unname(no_covariates$estimates), std_error = unname(sqrt(diag(V)))),
    plain = summarise(unseen_death, seen), covariates = summarise(with, x, deathexact = 3, censor = 99, censor.states = 1:2), cuts = list(minus_2_log_likelihood = cut$minus2loglik, estimates = unname(cut$estimates))),
  probabilities = list(years = 2.5, estimate = plain(P), std_error = matrix(sqrt(pmax(rowSums((J %*% V) * J), 0)), 3)),
  with_covariates = list(intensities = with_q[cbind(c(1, 1, 2, 2), c(2, 3, 1, 3))], p_3 = plain(pmatrix.msm(with, t = 3, covariates = at)), sojourn = unname(sojourn.msm(with, covariates = at, ci = "none")$estimates)),
  sojourn = list(estimate = sojourn$estimates, low = sojourn$L, high = sojourn$U),
  piecewise = plain(pmatrix.piecewise.msm(cut, t1 = 1, t2 = 7, times = 4, covariates = list(list(timeperiod = "[-Inf,4)"), list(timeperiod = "[4,Inf)"))))
))
