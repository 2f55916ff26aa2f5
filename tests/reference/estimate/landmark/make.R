source("../report.R"); suppressMessages({library(survival); library(etm)})
x <- read.csv("../inputs/multi_state.csv"); names3 <- c("well", "ill", "dead")
x$state <- factor(x$to, 0:3, c("censored", names3)); x$now <- factor(x$from, 1:3, names3); times <- c(200, 300, 400, 600, 800)
there <- function(s, h) x$id[x$entry <= s & x$exit > s & x$from == h]
# start.time off the grid: survfit lets in events at the very start
landmark <- function(s, h) { y <- x[x$id %in% there(s, h) & x$exit > s, ]; p0 <- replace(numeric(3), h, 1)
  f <- summary(survfit(Surv(entry, exit, state) ~ 1, y, id = id, istate = now, p0 = p0, start.time = s, conf.type = "log-log"), times = times)
  long <- data.frame(id = y$id, from = y$from, to = ifelse(y$to == 0, "cens", y$to), entry = pmax(y$entry, s), exit = y$exit)
  possible <- matrix(FALSE, 3, 3); possible[1, 2:3] <- possible[2, c(1, 3)] <- TRUE
  e <- etm(long, c("1", "2", "3"), possible, "cens", s = s); i <- findInterval(times, e$time)
  list(jackknife = setNames(lapply(1:3, function(j) list(estimate = f$pstate[, match(names3[j], f$states)], std_error = f$std.err[, match(names3[j], f$states)])), names3),
       delta = setNames(lapply(1:3, function(j) list(estimate = e$est[h, j, i], std_error = sqrt(e$cov[paste(h, j), paste(h, j), i]))), names3)) }
# the Markov check: a score test of the state at s
score <- function(from, to, s, j) { y <- x[x$id %in% x$id[x$entry <= s & x$exit > s] & x$from == from & x$exit > s, ]
  y$delta <- y$id %in% there(s, j); y$start <- pmax(y$entry, s); y$event <- y$to == to
  unname(summary(coxph(Surv(start, exit, event) ~ delta, y, ties = "breslow"))$sctest["test"]) }
grid <- c(51, 101, 151, 202)
report(packages = c("survival", "etm"), list(
  call = "survfit(..., start.time = s, p0 =) on those in the state at s; etm(..., s); score test of coxph(ties = 'breslow')",
  times = times, ill_152 = landmark(152, 2), well_101 = landmark(101, 1), grid = grid,
  score = list(ill_dead = list(ill = sapply(grid, function(s) score(2, 3, s, 2)), well = sapply(grid, function(s) score(2, 3, s, 1))),
    well_ill = list(ill = sapply(grid, function(s) score(1, 2, s, 2))), well_dead = list(ill = sapply(grid, function(s) score(1, 3, s, 2))))
))
