# mets counts tied deaths one after the other and weights its variance otherwise, so it is asked on untied times without
# weights; survfit knows no terminal event. A plain loop over the formulae stands in for ties, weights and the tests; the
# jackknife is checked against numerical derivatives in the patients' weights.
source("../report.R"); suppressMessages({library(survival); library(mets)})
r <- read.csv("../inputs/recurrent.csv"); first <- !duplicated(r$id)
untied <- r; untied$entry <- ifelse(first, r$entry, r$entry + r$id / 1000); untied$exit <- r$exit + r$id / 1000
early <- function(d) { d$entry[first] <- 0; d }
days <- c(50, 100, 150, 200, 250, 300, 400, 500)
at <- function(time, estimate, std_error) { i <- findInterval(days, time); list(estimate = estimate[i], std_error = std_error[i]) }

ghosh_lin <- function(d) { m <- recurrentMarginal(phreg(Surv(entry, exit, event == 1) ~ cluster(id), d), phreg(Surv(entry, exit, event == 2) ~ cluster(id), d))
  at(m$times, m$mu, m$se.mu) }
nelson_aalen <- function(d, weights = rep(1, nrow(d)), cluster = d$id) { d$w <- weights; d$cl <- cluster
  s <- survfit(Surv(entry, exit, event == 1) ~ 1, d, weights = w, id = id, cluster = cl); at(s$time, s$cumhaz, s$std.chaz) }

mean_of <- function(d, w, upto, K = function(t) 1, terminal = TRUE) {   # weighted estimator, written down as it is defined
  S <- 1; mu <- 0
  for (t in sort(unique(d$exit[d$event > 0 & d$exit <= upto]))) { Y <- sum(w[d$entry < t & t <= d$exit])
    mu <- mu + K(t) * S * sum(w[d$event == 1 & d$exit == t]) / Y
    if (terminal) S <- S * (1 - sum(w[d$event == 2 & d$exit == t]) / Y) }
  mu }
influence <- function(d, w, upto, K = function(t) 1, jackknife = FALSE) {   # by interval, Ghosh & Lin's formula term by term
  tt <- sort(unique(d$exit[d$event > 0 & d$exit <= upto])); S <- 1; mu <- 0; steps <- NULL
  for (t in tt) { Y <- sum(w[d$entry < t & t <= d$exit]); n <- sum(w[d$event == 1 & d$exit == t]); D <- sum(w[d$event == 2 & d$exit == t])
    mu <- mu + K(t) * S * n / Y; steps <- rbind(steps, c(t, Y, n, D, S, mu, K(t))); S <- S * (1 - D / Y) }
  psi <- numeric(nrow(d))
  for (j in seq_along(tt)) { s <- steps[j, ]; risk <- d$entry < s[1] & s[1] <= d$exit
    psi <- psi + s[7] * s[5] / s[2] * ((d$event == 1 & d$exit == s[1]) - risk * s[3] / s[2])
    below <- if (jackknife) s[2] - s[4] else s[2]
    if (below > 0) psi <- psi - (mu - s[6]) / below * ((d$event == 2 & d$exit == s[1]) - risk * s[4] / s[2]) }
  w * psi }
by_hand <- function(d, w = rep(1, nrow(d)), cluster = d$id, ...)
  list(estimate = sapply(days, function(t) mean_of(d, w, t)), std_error = sapply(days, function(t) sqrt(sum(rowsum(influence(d, w, t, ...), cluster)^2))))
numerical <- function(d, t) { g <- sapply(unique(d$id), function(i) { up <- down <- rep(1, nrow(d)); up[d$id == i] <- 1 + 1e-5; down[d$id == i] <- 1 - 1e-5
  (mean_of(d, up, t) - mean_of(d, down, t)) / 2e-5 }); sqrt(sum(g^2)) }

test <- function(d, w = rep(1, nrow(d)), cluster = d$id, group = d$treated) {
  a <- d[group == 0, ]; b <- d[group == 1, ]; wa <- w[group == 0]; wb <- w[group == 1]
  K <- function(t) { ya <- sum(wa[a$entry < t & t <= a$exit]); yb <- sum(wb[b$entry < t & t <= b$exit]); if (ya + yb == 0) 0 else ya * yb / (ya + yb) }
  q <- mean_of(a, wa, Inf, K) - mean_of(b, wb, Inf, K)
  psi <- numeric(nrow(d)); psi[group == 0] <- influence(a, wa, Inf, K); psi[group == 1] <- -influence(b, wb, Inf, K)
  se <- sqrt(sum(rowsum(psi, cluster)^2)); list(difference = q, std_error = se, z = q / se) }
excess <- function(d) { s <- coxph(Surv(entry, exit, event == 1) ~ treated, d, ties = "breslow", iter.max = 0); -sum(resid(s, "score")) }

lost <- r; lost$event[lost$event == 2] <- 0
u <- early(untied); cg <- survfit(Surv(tstart, tstop, status) ~ treat, cgd, id = id, cluster = id); c300 <- summary(cg, times = 300)
bl <- subset(survival::bladder1, start < stop); bl <- data.frame(id = bl$id, entry = bl$start, exit = bl$stop, event = ifelse(bl$status > 1, 2, bl$status), treatment = as.integer(bl$treatment))
months <- function(d) { w <- rep(1, nrow(d)); t <- c(6, 12, 24, 36); list(estimate = sapply(t, function(u) mean_of(d, w, u)), std_error = sapply(t, function(u) sqrt(sum(rowsum(influence(d, w, u), d$id)^2)))) }
two <- bl[bl$treatment != 2, ]; two$treated <- as.integer(two$treatment == 3)
switched <- r$treated; switched[!first] <- 1 - switched[!first]
report(packages = c("survival", "mets"), list(
  call = "mets::recurrentMarginal(phreg, phreg); survfit(Surv(entry, exit, event == 1) ~ 1, id =, cluster =, weights =); loops of make.R",
  days = days, untied = ghosh_lin(u), untied_late = ghosh_lin(untied),
  nelson_aalen = nelson_aalen(early(r)), nelson_aalen_late = nelson_aalen(r),
  nelson_aalen_weighted = nelson_aalen(r, weights = r$weight), nelson_aalen_centres = nelson_aalen(r, cluster = r$centre),
  tied = by_hand(early(r)), tied_late = by_hand(r), weighted = by_hand(r, r$weight), centres = by_hand(r, r$weight, r$centre),
  jackknife = by_hand(r, jackknife = TRUE), jackknife_numerical = sapply(days, function(t) numerical(r, t)),
  test = test(early(r)), test_late = test(r), test_weighted = test(r, r$weight), test_centres = test(r, cluster = r$centre),
  test_switched = test(r, group = switched), test_without_deaths = test(lost), excess = excess(lost),
  bladder = lapply(1:3, function(g) months(bl[bl$treatment == g, ])), bladder_test = test(two), bladder_excess = excess(transform(two, event = ifelse(event == 1, 1, 0))),
  cgd = list(estimate = c300$cumhaz, std_error = { k <- c(1, 1 + cumsum(cg$strata)); sapply(1:2, function(g) { i <- k[g]:(k[g + 1] - 1); cg$std.chaz[i][findInterval(300, cg$time[i])] }) })
))
