source("../report.R"); suppressMessages({library(survival); library(mice); library(mitml)})
x <- cohort(); imp <- read.csv("../inputs/imputations.csv"); x$dead <- as.integer(x$cause > 0); m <- 5
sets <- lapply(1:m, function(i) transform(x, age = imp[[paste0("age_", i)]], marker = imp[[paste0("marker_", i)]]))
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
fit <- function(f, init = NULL, sets_ = sets) lapply(sets_, function(d) { d$male <- d$male; if (is.null(init)) coxph(f, d, control = tight) else coxph(f, d, init = init, control = coxph.control(iter.max = 0)) })
full <- Surv(entry, exit, dead) ~ age + marker + male; small <- Surv(entry, exit, dead) ~ male
fits <- fit(full); s <- summary(pool(as.mira(fits)), conf.int = TRUE); p <- pool(as.mira(fits))$pooled
scalar <- function(q, u, dfcom = Inf) { r <- pool.scalar(q, u, n = dfcom + 1); t <- qt(.975, r$df) * sqrt(r$t)
  list(q = q, u = u, df_complete = dfcom, mean = r$qbar, within = r$ubar, between = r$b, total = r$t, df = r$df, r = r$r, fmi = r$fmi, low = r$qbar - t, high = r$qbar + t, p_value = 2 * pt(-abs(r$qbar / sqrt(r$t)), r$df)) }
set.seed(1); cases <- list(scalar(c(.4, .5, .6), rep(.04, 3), 50), scalar(c(.4, .5, .6), rep(.04, 3)), scalar(c(1, 2), c(.5, .7), 20), scalar(c(-.3, -.1, .2, -.25, -.4), c(.1, .12, .09, .11, .1), 44),
  scalar(c(1.23, 1.31, 1.19, 1.4, 1.22, 1.28), c(.2, .21, .19, .25, .2, .2), 100), scalar(c(10.1, 9.7, 10.4, 9.9), c(1, 1.1, .9, 1)), scalar(c(.02, -.4, .9), c(.01, .012, .011), 8), scalar(c(5, 5.5, 4.1, 6), c(.3, .3, .2, .4), 1000))
# D1 by mice's engine mitml; its formula with and without a finite sample
Q <- sapply(fits, coef); U <- simplify2array(lapply(fits, vcov)); d1 <- function(rows, df) { r <- mitml:::.D1(Q[rows, , drop = FALSE], U[rows, rows, , drop = FALSE], df)
  list(statistic = drop(r$F), df = r$k, df_error = drop(r$v), r = r$r, p_value = drop(pf(r$F, r$k, r$v, lower.tail = FALSE))) }
d2 <- function(d, k) { r <- mitml:::.D2(d, k); list(statistics = d, df = k, statistic = r$F, df_error = r$v, r = r$r, p_value = pf(r$F, k, r$v, lower.tail = FALSE)) }
# Meng & Rubin's formula as mice::D3 has it, on partial likelihoods
d3 <- function(big, f, little, g) { ll <- function(l) sapply(l, function(z) tail(z$loglik, 1)); qb <- rowMeans(sapply(big, coef)); m <- length(big)
  if (is.null(little)) { n0 <- nL <- sapply(big, function(z) z$loglik[1]); k <- length(qb) } else { q0 <- rowMeans(matrix(sapply(little, coef), ncol = m)); n0 <- ll(little); nL <- ll(fit(g, q0)); k <- length(qb) - length(q0) }
  dM <- mean(2 * (ll(big) - n0)); dL <- mean(2 * (ll(fit(f, qb)) - nL)); r <- (m + 1) / (k * (m - 1)) * (dM - dL); D <- dL / (k * (1 + r)); v <- k * (m - 1)
  w <- if (v > 4) 4 + (v - 4) * (1 + (1 - 2 / v) / r)^2 else v * (1 + 1 / k) * (1 + 1 / r)^2 / 2; list(statistic = D, df = k, df_error = w, r = r, p_value = pf(D, k, w, lower.tail = FALSE)) }
# Curves on Marshall's scale, patients grouped by an imputed marker
days <- c(100, 200, 300, 400, 600, 800, 1000); old <- lapply(sets, function(d) d[d$marker > 3, ])
curve <- function(time, value, se, days, inc = FALSE) { i <- sapply(days, function(t) max(which(time <= t))); S <- if (inc) 1 - value[i] else value[i]; list(q = log(-log(S)), u = (se[i] / (S * log(S)))^2) }
pooled <- function(parts, inc = FALSE) { q <- sapply(parts, `[[`, "q"); u <- sapply(parts, `[[`, "u"); o <- sapply(seq_along(days), function(j) { r <- pool.scalar(q[j, ], u[j, ], n = Inf); h <- qt(.975, r$df) * sqrt(r$t); S <- exp(-exp(r$qbar + c(0, -h, h))); c(S, sqrt(r$t) * abs(S[1] * log(S[1]))) })
  e <- if (inc) 1 - o[1:3, ] else o[1:3, ]; list(days = days, estimate = e[1, ], low = pmin(e[2, ], e[3, ]), high = pmax(e[2, ], e[3, ]), std_error = o[4, ]) }
km <- lapply(old, function(d) { s <- survfit(Surv(exit, dead) ~ 1, d); curve(s$time, s$surv, s$std.err * s$surv, days) })
ci <- lapply(old, function(d) { s <- survfit(Surv(exit, factor(cause, 0:2)) ~ 1, d); curve(s$time, s$pstate[, 2], s$std.err[, 2], days, TRUE) })
groups <- lapply(sets, function(d) survdiff(Surv(exit, dead) ~ (marker > 3), d)$chisq)
report(packages = c("survival", "mice", "mitml"), list(
  call = "mice::pool(coxph), mice::pool.scalar, mitml:::.D1 and .D2 (behind mice::D1, D2), mice::D3's formula on coxph(init = , iter.max = 0)",
  scalar = cases,
  cox = list(coefficients = s$estimate, std_error = s$std.error, df = s$df, p_value = s$p.value, low = s$`2.5 %`, high = s$`97.5 %`, within = p$ubar, between = p$b, total = p$t, r = p$riv, fmi = p$fmi, df_complete = p$dfcom[1]),
  d1 = d1(1:3, p$dfcom[1]), d1_large = d1(1:3, NULL), d1_two = d1(1:2, p$dfcom[1]), d1_two_large = d1(1:2, NULL), d1_few = { Q <- Q[, 1:3]; U <- U[, , 1:3]; d1(1:2, NULL) }, d1_mice = { t <- D1(as.mira(fits), as.mira(fit(small))); as.vector(t$result) },
  d2 = list(d2(c(5.2, 4.1, 6.3), 2), d2(c(1.1, 2.4, .7, 3.3, 1.9), 1), d2(c(12.4, 9.9, 15.1, 11.2), 3), d2(c(3.84, 3.9, 3.8), 1), d2(c(25, 31, 28, 22, 30, 27), 4), d2(c(.1, .2), 1), d2(c(7, 9, 8), 5), d2(unlist(groups), 1)),
  d3 = d3(fits, full, fit(small), small), d3_all = d3(fits, full, NULL, NULL), d3_one = { g <- Surv(entry, exit, dead) ~ marker + male; d3(fits, full, fit(g), g) },
  survival = pooled(km), incidence = pooled(ci, TRUE)
))
