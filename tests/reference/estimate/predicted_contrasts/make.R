source("../report.R"); suppressMessages({library(survival); library(riskRegression)})
x <- cohort(); x$dead <- as.integer(x$cause > 0); y <- start_stop()
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 60)
fit <- function(f, d = x, ...) eval(substitute(coxph(f, d, control = tight, ...)))
f <- Surv(entry, exit, dead) ~ age + male + marker
who <- data.frame(age = 70, male = c(1, 0), marker = c(2, 1))
at <- c(300, 700); horizon <- 800; start <- 200

# Both patients' cumulative hazards and their joint covariance, from what survfit has of each. Given
# the coefficients (a fit whose coefficients have no variance) they share one baseline: the covariance
# at two times is the product of both standard errors at the earlier. The coefficients add q'Vq, with
# q the derivative of survfit's hazards by the coefficients, by differences of the fourth order.
joint <- function(m, who, same = TRUE) {
  one <- function(m, k) survfit(m, newdata = who[k, , drop = FALSE])
  steps <- lapply(1:2, function(k) one(m, k)); time <- sort(unique(unlist(lapply(steps, function(s) s$time))))
  on <- function(s, what) c(0, s[[what]])[findInterval(time, s$time) + 1]
  hazards <- function(m) sapply(1:2, function(k) on(one(m, k), "cumhaz"))
  moved <- function(j, step) { b <- coef(m); b[j] <- b[j] + step
    eval(substitute(update(m, init = B, control = coxph.control(iter.max = 0)), list(B = unname(b)))) }
  slope <- function(j) { h <- 1e-3 * sqrt(vcov(m)[j, j]); g <- function(k) c(hazards(moved(j, k * h)))
    (8 * (g(1) - g(-1)) - g(2) + g(-2)) / (12 * h) }
  q <- sapply(seq_along(coef(m)), slope); certain <- m; certain$var[] <- 0
  sd <- lapply(1:2, function(k) on(one(certain, k), "std.chaz")); n <- length(time)
  early <- outer(1:n, 1:n, pmin); given <- matrix(0, 2 * n, 2 * n)
  for (a in 1:2) for (b in 1:2) if (same || a == b)
    given[(a - 1) * n + 1:n, (b - 1) * n + 1:n] <- matrix(sd[[a]][early] * sd[[b]][early], n)
  list(time = time, hazard = hazards(m), covariance = given + q %*% vcov(m) %*% t(q))
}
# Numbers of both patients and the derivatives of each by the hazards: what `joint` or a jackknife needs.
numbers <- function(time, hazard, from = 0) {
  n <- length(time); here <- function(t) as.numeric(1:n == findInterval(t, time))
  given <- hazard - rep(c(if (from > 0) hazard[findInterval(from, time), ] else c(0, 0)), each = n)
  survival <- sapply(at, function(t) exp(-given[findInterval(t, time), ]))
  start_of <- sapply(at, function(t) if (from > 0) here(from) else rep(0, n))
  by_hazard <- lapply(1:2, function(k) sapply(seq_along(at), function(i) -survival[k, i] * (here(at[i]) - start_of[, i])))
  later <- which(time > from & time < horizon); wait <- diff(c(from, time[later], horizon))
  mean <- sapply(1:2, function(k) sum(wait * c(1, exp(-given[later, k]))))
  by_mean <- lapply(1:2, function(k) { v <- rep(0, n); v[later] <- -(wait * c(1, exp(-given[later, k])))[-1]
    if (from > 0) v[findInterval(from, time)] <- -sum(v[later]); v })
  list(survival = survival, mean = mean, by_hazard = by_hazard, by_mean = by_mean)
}
told <- function(values, se_gap, se_log, se_mean, se_mean_gap, se_mean_log) list(
  difference = values$survival[1, ] - values$survival[2, ], difference_std_error = se_gap,
  ratio = values$survival[1, ] / values$survival[2, ], ratio_std_error = se_log,
  mean = values$mean, mean_std_error = se_mean, mean_difference = values$mean[1] - values$mean[2],
  mean_difference_std_error = se_mean_gap, mean_ratio = values$mean[1] / values$mean[2], mean_ratio_std_error = se_mean_log)
delta <- function(m, who, same = TRUE, from = 0) { j <- joint(m, who, same); v <- numbers(j$time, j$hazard, from)
  se <- function(a, b) { g <- c(a, b); sqrt(c(t(g) %*% j$covariance %*% g)) }; none <- rep(0, length(j$time))
  told(v, sapply(1:2, function(i) se(v$by_hazard[[1]][, i], -v$by_hazard[[2]][, i])),
       sapply(1:2, function(i) se(v$by_hazard[[1]][, i] / v$survival[1, i], -v$by_hazard[[2]][, i] / v$survival[2, i])),
       c(se(v$by_mean[[1]], none), se(none, v$by_mean[[2]])), se(v$by_mean[[1]], -v$by_mean[[2]]),
       se(v$by_mean[[1]] / v$mean[1], -v$by_mean[[2]] / v$mean[2])) }
# The infinitesimal jackknife: every cluster's weight moved, the model fitted again.
jackknife <- function(f, d, who, weight, cluster, ties = "efron", from = 0) {
  value <- function(w) { d$w <- w; environment(f) <- environment(); m <- coxph(f, d, weights = w, ties = ties, control = tight, robust = FALSE)
    s <- lapply(1:2, function(k) survfit(m, newdata = who[k, , drop = FALSE]))
    time <- sort(unique(unlist(lapply(s, function(s) s$time))))
    v <- numbers(time, sapply(s, function(s) c(0, s$cumhaz)[findInterval(time, s$time) + 1]), from)
    list(v = v, flat = c(v$survival[1, ] - v$survival[2, ], log(v$survival[1, ] / v$survival[2, ]),
                         v$mean, v$mean[1] - v$mean[2], log(v$mean[1] / v$mean[2]))) }
  pull <- sapply(unique(cluster), function(c) { g <- function(k) value(weight * ifelse(cluster == c, 1 + k * 1e-3, 1))$flat
    (8 * (g(1) - g(-1)) - g(2) + g(-2)) / 12e-3 })
  se <- sqrt(rowSums(pull^2)); told(value(weight)$v, se[1:2], se[3:4], se[5:6], se[7], se[8]) }
# Where nothing is tied, riskRegression's influence functions.
influence <- function(who) { d <- x; d$exit <- d$exit + d$id / 1000
  m <- coxph(Surv(exit, dead) ~ age + male + marker, d, x = TRUE, control = tight); time <- sort(unique(d$exit[d$dead == 1 & d$exit < horizon]))
  p <- predictCox(m, newdata = who, times = c(at, time), type = c("cumhazard", "survival"), iid = TRUE)
  size <- function(v) sqrt(colSums(as.matrix(v)^2)); i <- seq_along(at); wait <- diff(c(0, time, horizon))
  by_mean <- sapply(1:2, function(k) p$survival.iid[, -i, k] %*% wait[-1]); mean <- c(p$survival[, -i] %*% wait[-1]) + wait[1]
  told(list(survival = p$survival[, i], mean = mean), size(p$survival.iid[, i, 1] - p$survival.iid[, i, 2]),
       size(p$cumhazard.iid[, i, 1] - p$cumhazard.iid[, i, 2]), size(by_mean), size(by_mean[, 1] - by_mean[, 2]),
       size(by_mean[, 1] / mean[1] - by_mean[, 2] / mean[2])) }
strat <- fit(Surv(entry, exit, dead) ~ age + male + marker + strata(centre))
exposed <- data.frame(exposed = c(1, 0), age = 55, male = 0); exposure <- Surv(entry, exit, event) ~ exposed + age + male
one <- rep(1, nrow(x))
report(list(
  call = "joint covariance of survfit(coxph(), newdata): both patients, all times; jackknife of it; predictCox(iid =)",
  efron = delta(fit(f), who), breslow = delta(fit(f, ties = "breslow"), who),
  right_censored = delta(fit(Surv(exit, dead) ~ age + male + marker), who),
  weighted = delta(fit(f, weights = weight, robust = FALSE), who),
  started = delta(fit(f), who, from = start), start_stop = delta(fit(exposure, y), exposed),
  one_stratum = delta(strat, cbind(who, centre = 2)), two_strata = delta(strat, cbind(who, centre = c(0, 2)), same = FALSE),
  robust = jackknife(f, x, who, one, x$id), robust_breslow = jackknife(f, x, who, one, x$id, "breslow"),
  robust_weighted = jackknife(f, x, who, x$weight, x$id), robust_centre = jackknife(f, x, who, x$weight, x$group * 10 + x$centre),
  robust_started = jackknife(f, x, who, one, x$id, from = start),
  robust_start_stop = jackknife(exposure, y, exposed, rep(1, nrow(y)), y$id),
  robust_strata = jackknife(Surv(entry, exit, dead) ~ age + male + marker + strata(centre), x, cbind(who, centre = c(0, 2)), one, x$id),
  untied = influence(who)
), c("survival", "riskRegression"))
