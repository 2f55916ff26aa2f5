source("../report.R"); suppressMessages({library(Epi); library(survival)})
tight <- function(f, lower, upper) uniroot(f, c(lower, upper), tol = 1e-15, maxiter = 10000)$root
tail_mid <- function(x, n, p) pbinom(x - 1, n, p) + dbinom(x, n, p) / 2
mid_binomial <- function(x, n) c(if (x > 0) tight(function(p) tail_mid(x, n, p) - .975, 0, 1) else 0, if (x < n) tight(function(p) tail_mid(x, n, p) - .025, 0, 1) else 1)
mid_poisson <- function(x) { f <- function(m) ppois(x - 1, m) + dpois(x, m) / 2
  c(if (x > 0) tight(function(m) f(m) - .975, 0, 2 * x + 20) else 0, tight(function(m) f(m) - .025, 0, 2 * x + 20)) }
p <- function(a, n) list(events = a, n = n, wilson = as.numeric(prop.test(a, n, correct = FALSE)$conf.int),
  exact = as.numeric(binom.test(a, n)$conf.int), exact_90 = as.numeric(binom.test(a, n, conf.level = .9)$conf.int),
  mid_p = mid_binomial(a, n), upper = binom.test(a, n, alternative = "less")$conf.int[2])

# Noncentral hypergeometric tails by dhyper, solved tightly: fisher.test() stops at 1e-4.
margins <- function(a, n1, c, n0) { m <- a + c; x <- max(0, m - n0):min(n1, m); d <- dhyper(x, n1, n0, m)
  density <- function(b) { w <- log(d) + x * b; w <- exp(w - max(w)); w / sum(w) }
  list(x = x, d = d, upper = function(b, half) sum(density(b)[x > a]) + (if (half) .5 else 1) * density(b)[x == a],
       lower = function(b, half) sum(density(b)[x < a]) + (if (half) .5 else 1) * density(b)[x == a], mean = function(b) sum(x * density(b))) }
f <- function(a, n1, c, n0) { t <- fisher.test(matrix(c(a, n1 - a, c, n0 - c), 2)); g <- margins(a, n1, c, n0); R <- 60
  limits <- function(half) c(if (a > min(g$x)) exp(tight(function(b) g$upper(b, half) - .025, -R, R)) else 0, if (a < max(g$x)) exp(tight(function(b) g$lower(b, half) - .025, -R, R)) else Inf)
  mle <- if (length(g$x) == 1) NaN else if (a == min(g$x)) 0 else if (a == max(g$x)) Inf else exp(tight(function(b) g$mean(b) - a, -R, R))
  event <- rep(c(1, 0, 1, 0), c(a, n1 - a, c, n0 - c)); group <- rep(1:0, c(n1, n0))
  clogit <- if (is.finite(mle) && mle > 0) exp(coef(coxph(Surv(rep(1, n1 + n0), event) ~ group, ties = "exact", control = coxph.control(eps = 1e-14))))[[1]] else mle
  list(counts = c(a, n1, c, n0), p_value = t$p.value, odds_ratio = unname(t$estimate), limits = as.numeric(t$conf.int), conditional = clogit, tight = limits(FALSE),
       central = min(1, 2 * min(g$upper(0, FALSE), g$lower(0, FALSE))), mid_p = min(1, 2 * min(g$upper(0, TRUE), g$lower(0, TRUE))), mid_p_limits = limits(TRUE)) }
boschloo <- function(a, n1, c, n0) { one <- outer(0:n1, 0:n0, Vectorize(function(x, y) phyper(x - 1, n1, n0, x + y, lower.tail = FALSE))); other <- outer(0:n1, 0:n0, Vectorize(function(x, y) phyper(x, n1, n0, x + y)))
  sup <- function(s) { hit <- s <= s[a + 1, c + 1] * (1 + 1e-9); g <- function(q) drop(dbinom(0:n1, n1, q) %*% hit %*% dbinom(0:n0, n0, q))
    grid <- seq(0, 1, length.out = 4001); v <- sapply(grid, g); i <- which.max(v); optimize(g, grid[pmin(4001, pmax(1, i + c(-1, 1)))], maximum = TRUE, tol = 1e-12)$objective }
  list(counts = c(a, n1, c, n0), p_value = min(1, 2 * min(sup(one), sup(other)))) }

nc <- function(a, n1, c, n0) list(counts = c(a, n1, c, n0), limits = I(unname(ci.pd(a, c, n1 - a, n0 - c, method = "Nc", print = FALSE)[6:7])))
# Miettinen & Nurminen, the constrained likelihood maximised, not their cubic
mn <- function(a, n1, c, n0) { N <- n1 + n0; d0 <- a / n1 - c / n0
  excess <- function(d) { l <- function(q) { s <- 0; for (t in list(c(a, q + d), c(n1 - a, 1 - q - d), c(c, q), c(n0 - c, 1 - q))) if (t[1] > 0) s <- s + t[1] * log(max(t[2], 0)); s }
    lo <- max(0, -d); hi <- min(1, 1 - d); g <- function(q) { s <- 0; if (a > 0) s <- s + a / (q + d); if (n1 > a) s <- s - (n1 - a) / (1 - q - d); if (c > 0) s <- s + c / q; if (n0 > c) s <- s - (n0 - c) / (1 - q); s }
    e <- 1e-14 * (hi - lo); q <- if (g(lo + e) <= 0) lo else if (g(hi - e) >= 0) hi else tight(g, lo + e, hi - e)
    (d0 - d)^2 - qnorm(.975)^2 * N / (N - 1) * ((q + d) * (1 - q - d) / n1 + q * (1 - q) / n0) }
  list(counts = c(a, n1, c, n0), limits = c(if (d0 > -1) tight(excess, -1 + 1e-12, d0 - 1e-9) else -1, if (d0 < 1) tight(excess, d0 + 1e-9, 1 - 1e-12) else 1)) }

r <- function(e, t) { q <- poisson.test(e, t); list(events = e, time = t, limits = as.numeric(q$conf.int), mid_p = mid_poisson(e) / t, upper = poisson.test(e, t, alternative = "less")$conf.int[2]) }
rr <- function(e1, t1, e0, t0) { q <- poisson.test(c(e1, e0), c(t1, t0)); n <- e1 + e0; s <- t1 / (t1 + t0); h <- tail_mid(e1, n, s)
  list(counts = c(e1, t1, e0, t0), p_value = q$p.value, ratio = unname(q$estimate), limits = as.numeric(q$conf.int),
    central = if (n) min(1, 2 * pbinom(e1, n, s), 2 * pbinom(e1 - 1, n, s, lower.tail = FALSE)) else 1, mid_p = if (n) min(1, 2 * min(h, 1 - h)) else 1,
    mid_p_limits = if (n) { m <- mid_binomial(e1, n); m / (1 - m) * t0 / t1 } else c(0, Inf)) }
# Fay & Feuer's gamma limits by qgamma(), as epitools::ageadjust.direct has them
fay_feuer <- function(d, t, c, level = .95) { w <- c / sum(c) / t; y <- sum(w * d); v <- sum(w^2 * d); wm <- max(w); a <- (1 - level) / 2
  list(events = d, time = t, standard = c, level = level, rate = y, std_error = sqrt(v), limits = c(if (y > 0) qgamma(a, y^2 / v, scale = v / y) else 0, qgamma(1 - a, (y + wm)^2 / (v + wm^2), scale = (v + wm^2) / (y + wm)))) }
standard <- c(63986.6, 186263.6, 157302.2, 97647.0, 47572.6, 12262.6)
differences <- list(c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 0, 20), c(0, 10, 0, 10), c(10, 10, 0, 20), c(13, 48, 0, 57), c(77, 105, 106, 353))
over <- function(cases, g) lapply(cases, function(x) do.call(g, as.list(x)))
tables <- list(c(13, 48, 0, 57), c(13, 49, 0, 56), c(77, 105, 106, 353), c(9, 26, 2, 36), c(0, 5, 0, 7), c(3, 3, 1, 4), c(5, 10, 5, 10), c(4, 19, 1, 23), c(12, 15, 7, 15))
report(packages = c("stats", "Epi", "survival"), suppressWarnings(list(
  call = "prop.test(correct = FALSE), binom.test, fisher.test, poisson.test, Epi::ci.pd(method = 'Nc'), coxph(ties = 'exact') for the conditional estimate; qgamma for standardised rates; the rest by uniroot() on dbinom, dpois, dhyper",
  proportions = over(list(c(305, 458), c(105, 305), c(51, 105), c(13, 105), c(77, 105), c(0, 57), c(56, 56), c(1, 3)), p),
  fisher = over(tables, f), boschloo = over(tables[c(1, 3, 4, 6, 7, 8, 9)], boschloo), newcombe = over(differences, nc), miettinen_nurminen = over(differences, mn),
  standardised = list(fay_feuer(c(2, 8), c(100, 100), c(3, 1)), fay_feuer(c(107, 141, 60, 40, 39, 25), c(230061, 329449, 114920, 39487, 14208, 3052), standard),
    fay_feuer(c(25, 150, 71, 26, 8, 3), c(72202, 326701, 208667, 83228, 28466, 5375), standard), fay_feuer(c(3, 71, 114, 64, 32, 12), c(15050, 175702, 207081, 117300, 45026, 8660), standard),
    fay_feuer(c(1, 26, 64, 77, 51, 28), c(2293, 68800, 132424, 98301, 46075, 9834), standard), fay_feuer(c(0, 0, 1), c(10, 20, 30), c(1, 1, 1)), fay_feuer(c(0, 0), c(10, 20), c(1, 2)), fay_feuer(c(13, 2, 5), c(60, 40, 65), c(458, 305, 105), .9)),
  rates = over(list(c(0, 154), c(13, 165), c(1, 2.5), c(250, 1000), c(3, 40), c(7, 12), c(19, 1), c(40, 365.25)), r),
  ratios = over(list(c(0, 154, 13, 165), c(13, 165, 0, 154), c(5, 100, 9, 80), c(30, 400, 31, 200), c(0, 10, 0, 20), c(1, 50, 1, 40), c(3, 100, 9, 90), c(120, 1000, 80, 1000)), rr)
)))
