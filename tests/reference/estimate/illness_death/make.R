# msm with exact deaths: rows at exams, at cuts (of a state that may be any living one), and at death or last contact.
source("../report.R"); suppressMessages(library(msm))
d <- read.csv("../inputs/illness_death.csv"); cuts <- c(300, 700)
rows <- do.call(rbind, lapply(seq_len(nrow(d)), function(i) {
  x <- d[i, ]; t <- x$entry; s <- 1; o <- 1
  if (x$left > x$entry) { t <- c(t, x$left); s <- c(s, 1); o <- c(o, 1) }
  if (is.finite(x$right)) { t <- c(t, x$right); s <- c(s, 2); o <- c(o, 1) }
  if (x$death) { t <- c(t, x$exit); s <- c(s, 3); o <- c(o, 3) }
  else if (x$exit > max(t)) { t <- c(t, x$exit); s <- c(s, 99); o <- c(o, 1) }
  new <- cuts[cuts < max(t) & cuts > min(t) & !(cuts %in% t)]
  t <- c(t, new); s <- c(s, rep(99, length(new))); o <- c(o, rep(1, length(new))); k <- order(t)
  data.frame(id = i, time = t[k], state = s[k], obstype = o[k], male = x$male, marker = x$marker)
}))
rows <- rows[rows$id %in% rows$id[duplicated(rows$id)], ]
rows$p2 <- as.numeric(rows$time >= 300 & rows$time < 700); rows$p3 <- as.numeric(rows$time >= 700)
Q <- rbind(c(0, 1 / 900, 1 / 2500), c(0, 0, 1 / 500), c(0, 0, 0))
fit <- function(covariates) msm(state ~ time, id, data = rows, qmatrix = Q, obstype = obstype, censor = 99, censor.states = 1:2,
  covariates = covariates, center = FALSE, method = "BFGS", control = list(reltol = 1e-16, maxit = 20000, fnscale = 3000))
told <- function(f) list(log_likelihood = -f$minus2loglik / 2, estimates = unname(f$estimates), std_error = unname(sqrt(diag(f$covmat))))
at <- function(f, times, ...) sapply(times, function(t) pmatrix.piecewise.msm(f, 0, t, cuts[cuts < t],
  lapply(0:sum(cuts < t), function(k) list(p2 = as.numeric(k == 1), p3 = as.numeric(k == 2), ...)))[1, ])
one <- fit(NULL); pieces <- fit(~ p2 + p3)
full <- fit(list("1-2" = ~ p2 + p3 + male + marker, "1-3" = ~ p2 + p3, "2-3" = ~ p2 + p3 + male))
p1 <- pmatrix.msm(one, 500)[1, ]
report(list(
  call = "msm(state ~ time, id, obstype (3: exact death), censor = 99, censor.states = 1:2, covariates)",
  one = told(one), pieces = told(pieces), full = told(full),
  one_at_500 = unname(p1), times = c(200, 600, 1200),
  pieces_at = at(pieces, c(200, 600, 1200)), full_at = at(full, c(200, 600, 1200), male = 1, marker = -0.5)
), "msm")
