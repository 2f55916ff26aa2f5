source("../report.R"); suppressMessages({library(survival); library(coin)})
x <- cohort(); x$dead <- as.integer(x$cause > 0)
of <- function(s) list(statistic = s$chisq, df = length(s$n) - 1, p_value = pchisq(s$chisq, length(s$n) - 1, lower.tail = FALSE),
  observed = if (is.matrix(s$obs)) rowSums(s$obs) else s$obs, expected = if (is.matrix(s$exp)) rowSums(s$exp) else s$exp, variance = s$var)
# survdiff takes no delayed entry; the score test of the exact partial likelihood is the log-rank test
score <- function(f) { m <- coxph(f, x, ties = "exact", iter.max = 0); list(statistic = m$score, df = 2) }

# survdiff has no gamma. This walks through the event times one by one, risk sets counted anew.
fh <- function(entry, exit, dead, group, rho = 0, gamma = 0, strata = rep(1, length(exit)), weigh = function(n, S) S^rho * (1 - S)^gamma) {
  k <- sort(unique(group)); o <- e <- 0 * k; v <- matrix(0, length(k), length(k))
  for (s in unique(strata)) {
    i <- strata == s; S <- 1
    for (t in sort(unique(exit[i & dead == 1]))) {
      risk <- i & entry < t & t <= exit; die <- i & dead == 1 & exit == t
      n <- sapply(k, function(g) sum(risk & group == g)); d <- sapply(k, function(g) sum(die & group == g)); N <- sum(n); D <- sum(d)
      w <- weigh(N, S); p <- n / N
      o <- o + w * d; e <- e + w * D * p
      if (N > 1) v <- v + w^2 * D * (N - D) / (N - 1) * (diag(p) - p %o% p)
      S <- S * (1 - D / N)
    }
  }
  q <- o - e; chi <- drop(q[-1] %*% solve(v[-1, -1], q[-1])); a <- seq_along(k)
  list(statistic = chi, df = length(k) - 1, p_value = pchisq(chi, length(k) - 1, lower.tail = FALSE), observed = o, expected = e, variance = v,
       trend = sum(a * q) / sqrt(drop(a %*% v %*% a)))
}
# It must print what Klein & Moeschberger (2003) print: table 7.3 (kidney dialysis) and p. 217 (larynx, trend 3.72)
data(kidney, larynx, package = "KMsurv")
gehan <- function(n, S) n; tarone_ware <- function(n, S) sqrt(n)
table_7_3 <- rbind(c(0, 0, 3.96, 6.21, 2.53), c(0, 1, 1.41, 0.21, 9.67), c(1, 0, 2.55, 4.69, 1.39), c(1, 1, 1.02, 0.11, 9.83), c(.5, .5, 2.47, 0.66, 9.28), c(.5, 2, 0.32, 0.01, 8.18))
for (i in 1:6) { f <- fh(rep(0, 119), kidney$time, kidney$delta, kidney$type, table_7_3[i, 1], table_7_3[i, 2])
  stopifnot(all.equal(round(c(f$observed[1] - f$expected[1], f$variance[1, 1], f$statistic), 2), table_7_3[i, 3:5])) }
ours <- sapply(list(gehan, tarone_ware), function(g) { f <- fh(rep(0, 119), kidney$time, kidney$delta, kidney$type, weigh = g); c(f$observed[1] - f$expected[1], f$variance[1, 1], f$statistic) })
stopifnot(all.equal(round(ours[1:2, ], c(0, 0, 2, 2)), cbind(c(-9, 38862), c(13.20, 432.83))), round(ours[3, 1], 3) == 0.002, round(ours[3, 2], 2) == 0.40)
stopifnot(round(fh(rep(0, 90), larynx$time, larynx$delta, larynx$stage)$trend, 2) == 3.72)

z <- rep(0, nrow(x)); with_entry <- function(...) fh(x$entry, x$exit, x$dead, x$group, ...); plain <- function(...) fh(z, x$exit, x$dead, x$group, ...)
pair <- function(a, b, ...) { s <- survdiff(Surv(exit, dead) ~ group, x[x$group %in% c(a, b), ], ...); c(s$chisq, pchisq(s$chisq, 1, lower.tail = FALSE)) }
pairs <- function(...) { p <- rbind(pair(0, 1, ...), pair(0, 2, ...), pair(1, 2, ...)); list(statistic = p[, 1], p_value = p[, 2], p_adjusted = p.adjust(p[, 2], "holm")) }
perm <- function(rho, gamma) -as.vector(statistic(logrank_test(Surv(exit, dead) ~ factor(group), x, type = "Fleming-Harrington", rho = rho, gamma = gamma), "linear"))
report(packages = c("survival", "coin"), list(
  call = "survdiff(Surv(exit, dead) ~ group [+ strata(centre)], rho = ); coxph(ties = 'exact')$score for delayed entry; gamma: the loop fh() of make.R; excess: coin::logrank_test",
  plain = of(survdiff(Surv(exit, dead) ~ group, x)),
  stratified = of(survdiff(Surv(exit, dead) ~ group + strata(centre), x)),
  rho_1 = of(survdiff(Surv(exit, dead) ~ group, x, rho = 1)),
  rho_half_stratified = of(survdiff(Surv(exit, dead) ~ group + strata(centre), x, rho = 0.5)),
  cause_1 = of(survdiff(Surv(exit, cause == 1) ~ group, x)),
  entry = score(Surv(entry, exit, dead) ~ factor(group)),
  entry_stratified = score(Surv(entry, exit, dead) ~ factor(group) + strata(centre)),
  gamma_1 = plain(gamma = 1), rho_1_gamma_1 = plain(rho = 1, gamma = 1), rho_half_gamma_2 = plain(rho = .5, gamma = 2),
  gamma_1_stratified = plain(gamma = 1, strata = x$centre), entry_rho_half_gamma_half = with_entry(rho = .5, gamma = .5),
  entry_gamma_1_stratified = with_entry(gamma = 1, strata = x$centre),
  gehan = plain(weigh = gehan), tarone_ware = plain(weigh = tarone_ware), entry_gehan_stratified = with_entry(weigh = gehan, strata = x$centre),
  excess_gehan = -as.vector(statistic(logrank_test(Surv(exit, dead) ~ factor(group), x, type = "Gehan-Breslow"), "linear")),
  excess_tarone_ware = -as.vector(statistic(logrank_test(Surv(exit, dead) ~ factor(group), x, type = "Tarone-Ware", rho = .5), "linear")),
  excess = list(gamma_1 = perm(0, 1), rho_1_gamma_1 = perm(1, 1), rho_half_gamma_2 = perm(.5, 2)),
  trend = list(plain = plain()$trend, stratified = plain(strata = x$centre)$trend, rho_1 = plain(rho = 1)$trend, entry = with_entry()$trend, gamma_1 = plain(gamma = 1)$trend),
  trend_untied = { u <- x; u$exit <- rank(u$exit, ties.method = "first"); summary(coxph(Surv(exit, dead) ~ group, u, iter.max = 0))$sctest[[1]] },
  trend_tied = lapply(list(plain = score(Surv(exit, dead) ~ group), stratified = score(Surv(exit, dead) ~ group + strata(centre)),
                    entry = score(Surv(entry, exit, dead) ~ group), entry_stratified = score(Surv(entry, exit, dead) ~ group + strata(centre))), `[[`, "statistic"),
  pairs = pairs(), pairs_rho_1 = pairs(rho = 1)
))
