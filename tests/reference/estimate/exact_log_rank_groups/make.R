# coin has the statistic of several groups, but counts no permutations of more than two: all are listed here, with its scores.
# Its linear statistic is the excess with the sign turned.
source("../report.R"); suppressMessages(library(coin))
x <- cohort(); x$dead <- as.integer(x$cause > 0)
labels <- function(sizes) { if (length(sizes) == 1) return(matrix(1, 1, sizes)); n <- sum(sizes)
  rest <- labels(sizes[-1]) + 1; if (sizes[1] == 0) return(rest); first <- combn(n, sizes[1])
  do.call(rbind, lapply(seq_len(ncol(first)), function(j) { m <- matrix(1, nrow(rest), n); m[, -first[, j]] <- rest; m })) }
sums <- function(scores, g, k) { all <- labels(tabulate(g, k)); scores <- scores - mean(scores)
  sapply(1:k, function(j) drop((all == j) %*% scores)) }
ginv <- function(S) { e <- eigen(S, symmetric = TRUE); k <- e$values > 1e-10 * e$values[1]; list(inverse = e$vectors[, k] %*% diag(1 / e$values[k], sum(k)) %*% t(e$vectors[, k]), df = sum(k)) }
tails <- function(values, seen) list(p_value = mean(values >= seen - 1e-8), mid_p_value = mean(values > seen + 1e-8) + mean(abs(values - seen) <= 1e-8) / 2, permutations = length(values))
exact <- function(rows, by = "group", rho = 0, gamma = 0) { d <- x[rows, ]; d$g <- factor(d[[by]]); k <- nlevels(d$g)
  t <- logrank_test(Surv(exit, dead) ~ g, d, type = "Fleming-Harrington", rho = rho, gamma = gamma)
  a <- -as.vector(logrank_trafo(Surv(d$exit, d$dead), type = "Fleming-Harrington", rho = rho, gamma = gamma))
  S <- ginv(covariance(t)); u <- sums(a, as.integer(d$g), k); Q <- rowSums((u %*% S$inverse) * u)
  c(list(rows = rows - 1, by = by, rho = rho, gamma = gamma, excess = -as.vector(statistic(t, "linear")), statistic = as.vector(statistic(t)), df = S$df),
    tails(Q, as.vector(statistic(t)))) }
blocked <- function(parts) { of <- lapply(parts, function(rows) { d <- x[rows, ]; g <- factor(d$group, 0:2); a <- -as.vector(logrank_trafo(Surv(d$exit, d$dead)))
    n <- tabulate(g, 3); N <- sum(n); a <- a - mean(a); list(seen = sapply(1:3, function(j) sum(a[as.integer(g) == j])), all = sums(a, as.integer(g), 3),
      S = sum(a^2) / (N * (N - 1)) * (N * diag(n) - outer(n, n))) })
  S <- ginv(of[[1]]$S + of[[2]]$S); seen <- of[[1]]$seen + of[[2]]$seen; i <- rep(seq_len(nrow(of[[1]]$all)), nrow(of[[2]]$all)); j <- rep(seq_len(nrow(of[[2]]$all)), each = nrow(of[[1]]$all))
  u <- of[[1]]$all[i, ] + of[[2]]$all[j, ]; stat <- drop(seen %*% S$inverse %*% seen)
  c(list(rows = lapply(parts, `-`, 1), statistic = stat, df = S$df), tails(rowSums((u %*% S$inverse) * u), stat)) }
report(packages = "coin", list(
  call = "coin::logrank_test(Surv(exit, dead) ~ group, type = 'Fleming-Harrington', rho =, gamma =), and every permutation of its scores",
  cohort = list(exact(1:10), exact(11:21), exact(40:51), exact(88:98, rho = 1), exact(80:91, gamma = 1), exact(100:110, rho = 0.5, gamma = 2),
                exact(1:9, by = "centre"), exact(50:59, by = "centre"), exact(150:161)),
  blocks = list(blocked(list(1:7, 8:14)), blocked(list(112:118, 146:152)))
))
