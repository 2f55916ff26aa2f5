# Turnbull's self-consistent EM, written out and run until it has stopped moving: slow, simple, independent.
source("../report.R"); suppressMessages(library(survival))
b <- read.csv("../inputs/bounds.csv"); n <- nrow(b)
ends <- rbind(data.frame(v = b$left, side = 2), data.frame(v = b$right, side = 1))
ends <- ends[order(ends$v, ends$side), ]
k <- which(head(ends$side, -1) == 2 & tail(ends$side, -1) == 1)
left <- ends$v[k]; right <- ends$v[k + 1]
A <- outer(b$left, left, "<=") & outer(b$right, right, ">=")
p <- rep(1 / length(k), length(k))
for (i in 1:400000) p <- p * colMeans(A / drop(A %*% p))
keep <- p > 1e-9
s <- survfit(Surv(left, ifelse(is.finite(right), right, NA), type = "interval2") ~ 1, b)
report(list(
  call = "400,000 steps of Turnbull's EM; survfit(Surv(left, right, type = 'interval2')) for its log-likelihood",
  left = left[keep], right = right[keep], mass = p[keep], log_likelihood = sum(log(A %*% p)),
  survfit_time = s$time, survfit_surv = s$surv
))
