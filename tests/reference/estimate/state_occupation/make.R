source("../report.R"); suppressMessages({library(survival); library(etm)})
x <- read.csv("../inputs/multi_state.csv")
x$state <- factor(x$to, 0:3, c("censored", "well", "ill", "dead")); x$now <- factor(x$from, 1:3, c("well", "ill", "dead"))
x$ahead <- factor(x$one_way, 0:3, c("censored", "well", "ill", "dead"))
names3 <- c("well", "ill", "dead"); times <- c(50, 125, 200, 300, 500, 800)
p_well <- c(1, 0, 0); p_mixed <- c(0.7, 0.3, 0)
by_state <- function(s) setNames(lapply(names3, function(j) { k <- match(j, s$states); list(estimate = s$pstate[, k], std_error = s$std.err[, k],
  conf_low = s$lower[, k], conf_high = s$upper[, k]) }), names3)
at <- function(s, t = times) by_state(summary(s, times = t))
fit <- function(data = x, type = "log-log", ...) do.call(survfit, list(Surv(entry, exit, state) ~ 1, data, id = quote(id), istate = quote(now), conf.type = type, ...))
two_way <- fit(p0 = p_well); mixed <- fit(p0 = p_mixed)
one_way <- survfit(Surv(entry, exit, ahead) ~ 1, x, subset = forward == 1, id = id, istate = now, p0 = p_well, conf.type = "log-log")
prompt <- x[x$late == 0, ]; observed <- fit(prompt)
weighted <- fit(p0 = p_well, weights = quote(weight))
weighted_observed <- fit(prompt, weights = quote(weight))
started <- fit(p0 = c(0, 1, 0), start.time = 121)
grouped <- survfit(Surv(entry, exit, state) ~ treated, x, id = id, istate = now, p0 = p_well, conf.type = "log-log")
group <- function(g) { s <- summary(grouped, times = times); s <- list(states = s$states, pstate = s$pstate[s$strata == g, ], std.err = s$std.err[s$strata == g, ], lower = s$lower[s$strata == g, ], upper = s$upper[s$strata == g, ]); by_state(s) }
# survfit 3.5 takes an estimated p0 as known (sp0 = 0), has no se(rmean) for states, and its influence= and
# residuals(), and cluster = beside id =, do not fit its own std.err here. So: what each subject's weight does, by differences
# (Richardson, error of order 1e-12). Where survfit does print a std.err of its own this gives the same.
curve <- function(s) summary(s, times = times)$pstate[, match(names3, s$states)]
area <- function(s) summary(s, rmean = 600)$table[match(names3, s$states), "rmean"]
jackknife <- function(what, data, w = rep(1, nrow(data)), by = data$id, ...) {
  value <- function(i, h) { v <- w; v[by == i] <- v[by == i] * (1 + h); data$.v <- v; as.vector(what(fit(data, weights = quote(.v), ...))) }
  slope <- function(i, h) (value(i, h) - value(i, -h)) / (2 * h)
  d <- sapply(unique(by), function(i) (4 * slope(i, 5e-4) - slope(i, 1e-3)) / 3)
  sqrt(rowSums(d^2)) }
pulled <- function(s, data, ...) { e <- matrix(jackknife(curve, data, ...), length(times)); b <- at(s)
  setNames(lapply(1:3, function(j) list(estimate = b[[j]]$estimate, std_error = e[, j])), names3) }
stay <- function(data, ..., w = rep(1, nrow(data))) { data$.w <- w
  list(estimate = unname(area(fit(data, weights = quote(.w), ...))), std_error = jackknife(area, data, w, ...)) }
forward <- x[x$forward == 1, ]; forward$state <- forward$ahead
# etm: the delta variance, any start, reversible
long <- data.frame(id = x$id, from = x$from, to = ifelse(x$to == 0, "cens", x$to), entry = x$entry, exit = x$exit)
possible <- matrix(FALSE, 3, 3); possible[1, 2:3] <- possible[2, c(1, 3)] <- TRUE
etm_from <- function(s, t, data = long) { e <- etm(data, c("1", "2", "3"), possible, "cens", s = s); i <- findInterval(t, e$time)
  setNames(lapply(1:2, function(h) setNames(lapply(1:3, function(j) list(estimate = e$est[h, j, i],
    std_error = sqrt(pmax(e$cov[paste(h, j), paste(h, j), i], 0)))), names3)), c("well", "ill")) }
# Delta variance of the time in each state from first principles: L is linear in every single increment, and the
# increments out of one state at one time are multinomial
delta_stay <- function(horizon, y = x) { grid <- sort(unique(y$exit[y$to > 0 & y$exit <= horizon])); d <- NULL
  for (u in grid) for (h in 1:2) for (j in setdiff(1:3, h)) { n <- sum(y$exit == u & y$from == h & y$to == j); if (n > 0)
    d <- rbind(d, data.frame(u = u, h = h, j = j, a = n / sum(y$from == h & y$entry < u & y$exit >= u), Y = sum(y$from == h & y$entry < u & y$exit >= u))) }
  area <- function(a) { v <- c(1, 0, 0); L <- numeric(3); at <- 0; for (u in grid) { L <- L + v * (u - at); at <- u; G <- diag(3)
    for (i in which(d$u == u)) { G[d$h[i], d$j[i]] <- a[i]; G[d$h[i], d$h[i]] <- G[d$h[i], d$h[i]] - a[i] }; v <- as.vector(v %*% G) }; L + v * (horizon - at) }
  K <- sapply(seq_len(nrow(d)), function(i) (area(replace(d$a, i, d$a[i] + 1)) - area(replace(d$a, i, d$a[i] - 1))) / 2)
  same <- outer(d$u, d$u, "==") & outer(d$h, d$h, "=="); S <- same * (diag(d$a) - outer(d$a, d$a)) / d$Y
  list(horizon = horizon, estimate = area(d$a), std_error = sqrt(diag(K %*% S %*% t(K)))) }
# R's mgus2: plasma cell malignancy and death, as in its vignette; a malignancy found at death is put a tenth of a month before
m <- tmerge(subset(mgus2, , c(id, age, sex)), mgus2, id = id, death = event(futime, death), pcm = event(ifelse(pstat == 1, ptime - .1 * (ptime == futime), NA)))
m$ev <- factor(with(m, ifelse(death == 1, 2, pcm)), 0:2, c("censor", "pcm", "death")); months <- c(12, 60, 120, 240)
g <- summary(survfit(Surv(tstart, tstop, ev) ~ 1, m, id = id), times = months)
report(packages = c("survival", "etm"), list(
  call = "survfit(Surv(entry, exit, state) ~ 1, id = id, istate = now, p0 = ); etm(tra, cens, s = )",
  delta_stay = lapply(c(200, 500, 800), delta_stay),
  mgus2 = list(months = months, estimate = g$pstate, std_error = g$std.err),
  times = times, later = times[times > 121],
  two_way = at(two_way), mixed = at(mixed), one_way = at(one_way), observed = pulled(observed, prompt), weighted = at(weighted),
  weighted_observed = pulled(weighted_observed, prompt, prompt$weight), clustered = pulled(two_way, x, by = x$centre, p0 = p_well), started = at(started, times[times > 121]),
  plain = at(fit(type = "plain", p0 = p_well)), log = at(fit(type = "log", p0 = p_well)), logit = at(fit(type = "logit", p0 = p_well)),
  strata = list(`treated=0` = group("treated=0"), `treated=1` = group("treated=1")),
  stay = list(two_way = stay(x, p0 = p_well), one_way = stay(forward, p0 = p_well), mixed = stay(x, p0 = p_mixed),
    weighted = stay(x, p0 = p_well, w = x$weight), observed = stay(prompt)),
  by_differences = matrix(jackknife(curve, x, p0 = p_well), length(times)),
  etm = list(from_0 = etm_from(0, times), from_121 = etm_from(121, times[times > 121]))
))
