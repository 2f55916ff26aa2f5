source("../report.R")
pairs <- function(d) unname(apply(d, 1, as.list))
p <- function(a, n) list(events = a, n = n, wilson = as.numeric(prop.test(a, n, correct = FALSE)$conf.int),
  exact = as.numeric(binom.test(a, n)$conf.int), exact_90 = as.numeric(binom.test(a, n, conf.level = .9)$conf.int))
f <- function(a, n1, c, n0) { t <- fisher.test(matrix(c(a, n1 - a, c, n0 - c), 2))
  list(counts = c(a, n1, c, n0), p_value = t$p.value, odds_ratio = unname(t$estimate), limits = as.numeric(t$conf.int)) }
r <- function(e, t) { q <- poisson.test(e, t); list(events = e, time = t, limits = as.numeric(q$conf.int)) }
rr <- function(e1, t1, e0, t0) { q <- poisson.test(c(e1, e0), c(t1, t0))
  list(counts = c(e1, t1, e0, t0), p_value = q$p.value, ratio = unname(q$estimate), limits = as.numeric(q$conf.int)) }
report(packages = "stats", suppressWarnings(list(
  call = "prop.test(correct = FALSE), binom.test, fisher.test, poisson.test",
  proportions = list(p(305, 458), p(105, 305), p(51, 105), p(13, 105), p(77, 105), p(0, 57), p(56, 56), p(1, 3)),
  fisher = list(f(13, 48, 0, 57), f(13, 49, 0, 56), f(77, 105, 106, 353), f(9, 26, 2, 36), f(0, 5, 0, 7), f(3, 3, 1, 4), f(5, 10, 5, 10)),
  rates = list(r(0, 154), r(13, 165), r(1, 2.5), r(250, 1000)),
  ratios = list(rr(0, 154, 13, 165), rr(13, 165, 0, 154), rr(5, 100, 9, 80), rr(30, 400, 31, 200), rr(0, 10, 0, 20))
)))
