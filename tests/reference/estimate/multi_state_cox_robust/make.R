source("../report.R"); suppressMessages(library(survival))
# No package of R has robust variances of what multi-state Cox models predict. The infinitesimal jackknife from first
# principles: coxph and survfit again, with each patient's weight moved a little up and down (differences of fourth order).
x <- read.csv("../inputs/multi_state.csv"); x <- x[x$forward == 1, ]; times <- c(200, 500, 800); exact <- coxph.control(eps = 1e-15, toler.chol = 1e-16, iter.max = 50)
old <- data.frame(treated = 1, age = 70); codes <- rbind(c(1, 2), c(1, 3), c(2, 3)); ids <- unique(x$id)
F <- list(Surv(entry, exit, one_way == 2) ~ treated + age, Surv(entry, exit, one_way == 3) ~ age, Surv(entry, exit, one_way == 3) ~ age)
hazards <- function(w, ties) lapply(1:3, function(a) { rows <- x$from == codes[a, 1]
  s <- survfit(suppressWarnings(do.call(coxph, list(F[[a]], x[rows, ], weights = w[rows], ties = ties, robust = FALSE, control = exact))), newdata = old)
  d <- diff(c(0, s$cumhaz)); list(time = s$time[d > 0], d = d[d > 0]) })
# Cumulative hazards and probabilities at the times, and days in each state up to the last of them, one after the other
predicted <- function(w, ties) { h <- hazards(w, ties); grid <- sort(unique(c(times, unlist(lapply(h, `[[`, "time"))))); grid <- grid[grid <= max(times)]
  v <- c(1, 0, 0); L <- numeric(3); at <- 0; p <- NULL
  for (u in grid) { L <- L + v * (u - at); at <- u; G <- diag(3)
    for (a in 1:3) { d <- h[[a]]$d[h[[a]]$time == u]; if (length(d)) { k <- codes[a, ]; G[k[1], k[2]] <- G[k[1], k[2]] + d; G[k[1], k[1]] <- G[k[1], k[1]] - d } }
    v <- as.vector(v %*% G); if (u %in% times) p <- c(p, v) }
  c(unlist(lapply(h, function(q) sapply(times, function(t) sum(q$d[q$time <= t])))), p, L) }
pulls <- function(w, ties) t(sapply(ids, function(i) { mine <- x$id == i; e <- 2e-3
  f <- function(k) predicted(w * ifelse(mine, 1 + k * e, 1), ties)
  (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * e) }))
centre <- x$centre[match(ids, x$id)]
root <- function(u) { s <- sqrt(colSums(u^2)); list(hazard = matrix(s[1:9], 3, byrow = TRUE), probability = matrix(s[10:18], 3, byrow = TRUE), stay = s[19:21]) }
case <- function(w, ties) { v <- predicted(w, ties); u <- pulls(w, ties)
  list(estimate = matrix(v[10:18], 3, byrow = TRUE), stay = v[19:21], subjects = root(u), centres = root(rowsum(u, centre))) }
report(list(call = "coxph(weights = w + a patient's share), survfit(newdata), product of I + dA: differences, squared and summed over patients or centres",
  times = times, breslow = case(rep(1, nrow(x)), "breslow"), weighted = case(x$weight, "breslow"), efron = case(x$weight, "efron")))
