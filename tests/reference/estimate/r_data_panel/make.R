# msm on its own data sets: results only, no rows. Restarted where it stopped until nothing moves.
source("../report.R"); suppressMessages(library(msm))
tight <- function(q, formula, data, subject, ...) { data$who <- data[[subject]]
  for (i in 1:4) { m <- msm(formula, subject = who, data = data, qmatrix = q, ..., control = list(fnscale = 2000, reltol = 1e-16, maxit = 5000))
    q <- qmatrix.msm(m, covariates = 0, ci = "none") }
  m }
of <- function(m) { q <- qmatrix.msm(m, ci = "none"); pairs <- which(q > 0, arr.ind = TRUE); pairs <- pairs[order(pairs[, 1], pairs[, 2]), ]
  s <- sojourn.msm(m, ci = "none")
  list(minus_2_log_likelihood = m$minus2loglik, intensities = q[pairs], sojourn = s$estimates, at_5 = matrix(pmatrix.msm(m, t = 5, ci = "none"), nrow(q))) }
cav_q <- rbind(c(0, .25, 0, .25), c(.166, 0, .166, .166), c(0, .25, 0, .25), 0)
cav_fit <- tight(cav_q, state ~ years, cav, "PTNUM", deathexact = 4)
one_way <- rbind(c(0, .1, 0, 0), c(0, 0, .1, 0), c(0, 0, 0, .1), 0)
psor_fit <- tight(one_way, state ~ months, psor, "ptnum")
both <- rbind(c(0, .1, 0, 0), c(.1, 0, .1, 0), c(0, .1, 0, .1), c(0, 0, .1, 0))
aneur_fit <- tight(both, state ~ age, aneur, "ptnum")
report(packages = "msm", list(
  call = "msm(state ~ years, subject, qmatrix, deathexact = 4) on cav; psor, aneur",
  cav = of(cav_fit), psor = of(psor_fit), aneur = of(aneur_fit)
))
