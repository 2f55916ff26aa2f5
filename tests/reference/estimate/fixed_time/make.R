# Contrasts of two curves at fixed times, the symmetric (SPSS) quantiles and the first times with k at risk:
# arithmetic on what survfit gives.
source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- x$cause > 0; x$state <- factor(x$cause, 0:2); z <- qnorm(.975); g <- 0:2; pairs <- list(c(1, 2), c(1, 3), c(2, 3))
difference <- function(e, s) lapply(pairs, function(p) { d <- e[p[1]] - e[p[2]]; v <- sqrt(s[p[1]]^2 + s[p[2]]^2)
  list(estimate = d, std_error = v, conf_low = d - z * v, conf_high = d + z * v, p_value = 2 * pnorm(-abs(d / v))) })
ratio <- function(e, s) lapply(pairs, function(p) { d <- log(e[p[1]] / e[p[2]]); v <- sqrt((s[p[1]] / e[p[1]])^2 + (s[p[2]] / e[p[2]])^2)
  list(estimate = exp(d), std_error = v, conf_low = exp(d - z * v), conf_high = exp(d + z * v), p_value = 2 * pnorm(-abs(d / v))) })
both <- function(e, s) list(difference = difference(e, s), ratio = ratio(e, s))
km <- function(t) { s <- lapply(g, function(k) summary(survfit(Surv(entry, exit, dead) ~ 1, x[x$group == k, ]), times = t)); both(sapply(s, `[[`, "surv"), sapply(s, `[[`, "std.err")) }
aj <- function(t, cause) { s <- lapply(g, function(k) summary(survfit(Surv(exit, state) ~ 1, x[x$group == k, ]), times = t))
  both(sapply(s, function(f) f$pstate[1, cause + 1]), sapply(s, function(f) f$std.err[1, cause + 1])) }
t <- summary(survfit(Surv(entry, exit, dead) ~ group, x), rmean = 600)$table
spss <- function(k, p) { s <- summary(survfit(Surv(entry, exit, dead) ~ 1, x[x$group == k, ])); u <- c(0, s$time); S <- c(1, s$surv); near <- 1e-9
  j <- which(S <= 1 - p + near)[1]; l <- which(S <= 1 - p - .05 + near)[1]; up <- tail(which(S >= 1 - p + .05 - near), 1)
  se <- c(0, s$std.err)[j] * (u[l] - u[up]) / (S[up] - S[l]); list(estimate = u[j], std_error = se, conf_low = u[j] - z * se, conf_high = u[j] + z * se) }
first <- function(n, d = x) { t <- sort(unique(c(d$entry, d$exit))); k <- sapply(t, function(u) sum(d$entry <= u & d$exit > u)); if (any(k >= n)) t[k >= n][1] else Inf }
report(list(
  call = "arithmetic on summary(survfit(Surv(entry, exit, dead) ~ 1), times =), on its $table, and on sum(entry <= t & exit > t)",
  km_300 = km(300), km_600 = km(600), first_300 = aj(300, 1), second_600 = aj(600, 2), mean_600 = both(unname(t[, "rmean"]), unname(t[, "se(rmean)"])),
  symmetric = lapply(g, function(k) lapply(c(.25, .5, .75), function(p) spss(k, p))),
  at_risk = c(5, 10, 15, 20, 25), earliest = lapply(g, function(k) sapply(c(5, 10, 15, 20, 25), first, d = x[x$group == k, ]))
))
