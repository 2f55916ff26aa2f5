# Scores of Fay & Shaw (2010, section 3.1) from an EM run until it has stopped moving; coin permutes them.
source("../report.R"); suppressMessages({library(coin); library(survival)})
w <- read.csv("../inputs/windows.csv")
scores <- function(left, right, steps = 100000) {
  exact <- left == right
  ends <- rbind(data.frame(v = left, side = ifelse(exact, 0, 2)), data.frame(v = right, side = 1))
  is_left <- rep(c(TRUE, FALSE), each = length(left)); o <- order(ends$v, ends$side); ends <- ends[o, ]; is_left <- is_left[o]
  k <- which(head(is_left, -1) & !tail(is_left, -1)); a <- ends$v[k]; b <- ends$v[k + 1]; s <- ends$side[k]
  A <- t(sapply(seq_along(left), function(i) (a > left[i] | (a == left[i] & s >= ifelse(exact[i], 0, 2))) & b <= right[i] & !(exact[i] & b == right[i] & s == 2)))
  p <- rep(1 / length(k), length(k)); for (i in 1:steps) p <- p * colMeans(A / drop(A %*% p))
  S <- c(1, pmax(1 - cumsum(p), 0)); S[length(S)] <- 0; H <- c(0, cumsum(p / head(S, -1)))
  H[!is.finite(H)] <- 0
  lo <- apply(A, 1, function(r) min(which(r))); hi <- apply(A, 1, function(r) max(which(r))) + 1
  P <- S[lo] - S[hi]; xlx <- function(x) ifelse(x > 0, x * log(x), 0)
  data.frame(sun = (-S[lo] * H[lo] + ifelse(S[hi] > 0, S[hi] * H[hi], 0)) / P,
             finkelstein = (xlx(S[lo]) - xlx(S[hi])) / P, wilcoxon = S[lo] + S[hi] - 1)
}
all <- scores(w$left, w$right); few <- w[w$right < 250 | seq_len(nrow(w)) %% 12 == 0, ][1:16, ]; some <- scores(few$left, few$right)
kinds <- names(all)
told <- function(c, g) { t <- independence_test(c ~ factor(g), teststat = "quadratic"); list(statistic = unname(statistic(t)), p_value = pvalue(t), sums = unname(tapply(c, g, sum))) }
d <- read.csv("../inputs/cohort.csv"); d$t <- d$exit + seq_len(nrow(d)) / 1000; d$event <- d$cause > 0
cos <- read.csv("../inputs/cosmesis.csv"); treated <- scores(cos$left, cos$right)
lr <- survdiff(Surv(t, event) ~ group, d)
report(list(
  call = "coin::independence_test(score ~ group, distribution =); survdiff for the sums on exact times without ties",
  two = sapply(kinds, function(k) told(all[[k]], w$male), simplify = FALSE),
  three = sapply(kinds, function(k) told(all[[k]], w$group), simplify = FALSE),
  cosmesis = sapply(kinds, function(k) told(treated[[k]], cos$chemotherapy), simplify = FALSE),
  trend = sapply(kinds, function(k) unname(statistic(independence_test(all[[k]] ~ w$group, teststat = "scalar"))), simplify = FALSE),
  few_left = few$left, few_right = few$right, few_male = few$male,
  exact = sapply(kinds, function(k) as.numeric(pvalue(independence_test(some[[k]] ~ factor(few$male), distribution = "exact"))), simplify = FALSE),
  survdiff = unname(lr$obs - lr$exp)
), c("coin", "survival"))
