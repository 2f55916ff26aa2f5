# The NPMLE three ways: EM written out and run until the support is plain, Newton steps on that support to the last digit,
# and survfit's own loop with its stopping rule (a change of 5e-5) tightened to 1e-12 (or 4,000 steps).
source("../report.R"); suppressMessages(library(survival))
tight <- survival:::survfitTurnbull
body(tight) <- parse(text = gsub("eps > 5e-05", "eps > 1e-12 && iter < 4000", deparse(body(tight), width.cutoff = 500), fixed = TRUE))[[1]]
stopifnot(any(grepl("1e-12", deparse(body(tight)))))
assignInNamespace("survfitTurnbull", tight, "survival")

npmle <- function(left, right, steps = 20000) {
  ends <- rbind(data.frame(v = left, side = 2), data.frame(v = right, side = 1)); ends <- ends[order(ends$v, ends$side), ]
  k <- which(head(ends$side, -1) == 2 & tail(ends$side, -1) == 1)
  a <- ends$v[k]; b <- ends$v[k + 1]; A <- outer(left, a, "<=") & outer(right, b, ">="); p <- rep(1 / length(k), length(k))
  for (i in 1:steps) p <- p * colMeans(A / drop(A %*% p))
  keep <- p > 1e-7; p <- p[keep] / sum(p[keep])
  for (i in 1:80) { A1 <- A[, keep, drop = FALSE] + 0; s <- drop(A1 %*% p); g <- colSums(A1 / s); m <- length(p)
    d <- solve(rbind(cbind(crossprod(A1 / s) + diag(1e-9 * length(left), m), 1), c(rep(1, m), 0)), c(g, 0))[1:m]
    p <- p + min(1, .95 / max(-d / p, 1e-300)) * d                                             # what tends to 0 is dropped
    gone <- p < 1e-12; keep[keep] <- !gone; p <- p[!gone] }
  A1 <- A[, keep, drop = FALSE]; s <- drop(A1 %*% p); stopifnot(p > 0, max(colSums(A / s)) <= length(left) * (1 + 1e-9))     # Gentleman & Geyer's condition
  list(left = a[keep], right = b[keep], mass = p, log_likelihood = sum(log(s)))
}
of <- function(d, times) { n <- npmle(d$left, d$right)
  s <- survfit(Surv(left, ifelse(is.finite(right), right, NA), type = "interval2") ~ 1, d)
  after <- sapply(times, function(t) 1 - sum(n$mass[n$left < t])); before <- sapply(times, function(t) 1 - sum(n$mass[n$right <= t]))
  q <- which(cumsum(n$mass) >= .5 - 1e-9)[1]; r <- which(cumsum(n$mass) >= .25 - 1e-9)[1]
  c(n, list(times = times, low = after, high = before, median = c(n$left[q], n$right[q]), quartile = c(n$left[r], n$right[r]),
            survfit = summary(s, times = n$right[is.finite(n$right)], extend = TRUE)$surv)) }
b <- read.csv("../inputs/bounds.csv"); w <- read.csv("../inputs/windows.csv"); w <- w[w$left < w$right, ]; k <- read.csv("../inputs/cosmesis.csv")
report(list(
  call = "survfit(Surv(left, right, type = 'interval2')) with eps 1e-12 for 5e-5; 20,000 steps of Turnbull's EM, then Newton steps on its support",
  bounds = of(b, c(200, 500, 800)), windows_0 = of(w[w$group == 0, ], c(100, 300, 500)), windows_1 = of(w[w$group == 1, ], c(100, 300, 500)),
  windows_2 = of(w[w$group == 2, ], c(100, 300, 500)), alone = of(k[k$chemotherapy == 0, ], c(10, 20, 35)), with_chemotherapy = of(k[k$chemotherapy == 1, ], c(10, 22, 40))
))
