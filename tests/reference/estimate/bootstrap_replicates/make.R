# The estimates of each replicate: votes are weights of survfit, drawn rows a sample for Turnbull's EM.
source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$state <- factor(x$cause, 0:2); votes <- read.csv("../inputs/votes.csv"); days <- c(300, 600)
at <- function(w, entry) { d <- x[w > 0, ]; d$w <- w[w > 0]; d$start <- if (entry) d$entry else 0; d$row <- seq_len(nrow(d))
  s <- summary(survfit(Surv(start, exit, state) ~ 1, d, weights = w, id = row), times = days)
  list(survival = s$pstate[, 1], first = s$pstate[, 2], second = s$pstate[, 3]) }
b <- read.csv("../inputs/bounds.csv"); draws <- as.matrix(read.csv("../inputs/draws.csv", header = FALSE)) + 1; times <- c(200, 400, 600, 800)
band_at <- function(rows) { left <- b$left[rows]; right <- b$right[rows]
  ends <- rbind(data.frame(v = left, side = 2), data.frame(v = right, side = 1)); ends <- ends[order(ends$v, ends$side), ]
  k <- which(head(ends$side, -1) == 2 & tail(ends$side, -1) == 1); a <- ends$v[k]; z <- ends$v[k + 1]
  A <- outer(left, a, "<=") & outer(right, z, ">="); p <- rep(1 / length(k), length(k))
  for (i in 1:30000) p <- p * colMeans(A / drop(A %*% p))
  q <- which(cumsum(p) >= .5 - 1e-6)[1]
  list(low = sapply(times, function(t) 1 - sum(p[a < t])), high = sapply(times, function(t) 1 - sum(p[z <= t])), median = c(a[q], z[q])) }
found <- lapply(seq_len(nrow(draws)), function(i) band_at(draws[i, ])); B <- length(found); level <- .8
lower <- function(v) sort(v)[floor((B - 1) * (1 - level) / 2) + 1]; upper <- function(v) sort(v)[ceiling((B - 1) * (1 + level) / 2) + 1]
side <- function(name) sapply(found, `[[`, name)
report(list(
  call = "survfit(Surv(entry, exit, state) ~ 1, weights = votes); Turnbull's EM on drawn rows",
  days = days, late = lapply(votes, at, TRUE), from_zero = lapply(votes, at, FALSE),
  times = times, conf_low = apply(side("low"), 1, lower), conf_high = apply(side("high"), 1, upper),
  median = c(lower(side("median")[1, ]), upper(side("median")[2, ]))
))
