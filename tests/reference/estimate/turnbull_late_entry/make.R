# EM with the subjects that late entry hides (Turnbull 1976), run until it has stopped moving; and survfit where it is right.
source("../report.R"); suppressMessages(library(survival))
em <- function(left, right, entry, weight, steps = 100000) {
  exact <- left == right
  ends <- rbind(data.frame(v = left, side = ifelse(exact, 0, 2)), data.frame(v = right, side = 1),
                data.frame(v = entry, side = 1))
  is_left <- rep(c(TRUE, FALSE, FALSE), each = length(left))
  o <- order(ends$v, ends$side); ends <- ends[o, ]; is_left <- is_left[o]
  k <- which(head(is_left, -1) & !tail(is_left, -1))
  a <- ends$v[k]; b <- ends$v[k + 1]; a_side <- ends$side[k]; m <- length(k)
  after <- function(t, side, u, u_side) u > t | (u == t & u_side >= side)   # interval begins at or after a point
  A <- t(sapply(seq_along(left), function(i)
    after(left[i], ifelse(exact[i], 0, 2), a, a_side) & b <= right[i] & !(b == right[i] & exact[i] & a_side == 2)))
  B <- t(sapply(entry, function(e) after(e, 1, a, a_side)))
  p <- rep(1 / m, m)
  for (i in 1:steps) {
    seen <- drop(A %*% p); could <- drop(B %*% p)
    # seen subjects, and those who never came because their time was before the entry
    n <- p * colSums(weight * A / seen) + p * colSums(weight * (!B) / could)
    p <- n / sum(n)
  }
  keep <- p > 1e-8
  list(left = a[keep], right = b[keep], mass = p[keep],
       log_likelihood = sum(weight * log(A %*% p)) - sum(weight * log(B %*% p)))
}
w <- read.csv("../inputs/windows.csv"); one <- rep(1, nrow(w))
c1 <- read.csv("../inputs/cohort.csv")
km <- survfit(Surv(entry, exit, cause > 0) ~ 1, c1, weights = copies)
# in group 2 EM has not stopped moving by then
of <- function(g) { i <- w$group == g; em(w$left[i], w$right[i], w$entry[i], one[i]) }
by_group <- lapply(c(`0` = 0, `1` = 1, `2` = 2), function(g) { i <- c1$group == g
  s <- summary(survfit(Surv(entry, exit, cause > 0) ~ 1, c1[i, ]), times = c(100, 300, 500)); list(time = s$time, surv = s$surv) })
report(list(
  call = "100,000 steps of EM; survfit(Surv(entry, exit, event) ~ 1, weights =)",
  plain = em(w$left, w$right, w$entry, one), weighted = em(w$left, w$right, w$entry, w$copies),
  no_entry = em(w$left, w$right, 0 * w$entry, w$copies),
  group_0 = of(0), group_1 = of(1), by_group = by_group,
  km_time = km$time, km_surv = km$surv
))
