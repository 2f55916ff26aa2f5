source("../report.R"); suppressMessages(library(survival))
x <- read.csv("../inputs/multi_state.csv"); x <- x[x$forward == 1, ]
x$state <- factor(x$one_way, c(0, 2, 3), c("censored", "ill", "dead")); x$now <- factor(x$from, 1:3, c("well", "ill", "dead"))
names3 <- c("well", "ill", "dead"); times <- c(100, 200, 350, 500, 800); exact <- coxph.control(eps = 1e-14, toler.chol = 1e-16)
young <- data.frame(treated = 0, age = 55); old <- data.frame(treated = 1, age = 70)
numbers <- function(m) list(coefficients = unname(coef(m)), std_error = unname(sqrt(diag(if (is.null(m$naive.var)) vcov(m) else m$naive.var))), log_likelihood = m$loglik)
formulas <- list(Surv(entry, exit, state) ~ 1, 1:2 ~ treated + age, 1:3 ~ age, 2:3 ~ age)
multi <- function(f, data = x, ...) do.call(coxph, list(f, data, id = quote(id), istate = quote(now), control = exact, model = TRUE, ...))
breslow <- multi(formulas, ties = "breslow"); efron <- multi(formulas)
shared <- multi(list(Surv(entry, exit, state) ~ 1, 1:2 ~ treated + age, 1:3 + 2:3 ~ age / common, 1:3 + 2:3 ~ 1 / shared), ties = "breslow")
by_state <- function(s) { i <- findInterval(times, s$time); setNames(lapply(names3, function(j) s$pstate[i, 1, match(j, s$states)]), names3) }
# Hazards: each transition on its own. survfit of a multi-state coxph has Breslow's hazards and no standard errors.
one <- function(from, f, ties) do.call(coxph, list(f, x[x$from == from, ], ties = ties, control = exact))
fits <- function(ties) list(`1:2` = one(1, Surv(entry, exit, one_way == 2) ~ treated + age, ties),
  `1:3` = one(1, Surv(entry, exit, one_way == 3) ~ age, ties), `2:3` = one(2, Surv(entry, exit, one_way == 3) ~ age, ties))
hazard <- function(m, z) { s <- survfit(m, newdata = z); i <- findInterval(times, s$time); list(cumulative = c(0, s$cumhaz)[i + 1], std_error = c(0, s$std.chaz)[i + 1]) }
hazards <- function(ties, z) unname(lapply(fits(ties), hazard, z = z))
# Variance of the probabilities from first principles: the covariance of all increments, and the exact slope of p in each
# of them (p is linear in every single increment). Coefficients' part of the increments by Richardson differences.
parts <- function(m, z) { s <- survfit(m, newdata = z); d <- diff(c(0, s$cumhaz)); keep <- s$n.event > 0; b <- unname(coef(m))
  list(time = s$time[keep], increment = d[keep], events = s$n.event[keep], beta = b) }
slopes <- function(from, f, b, z) { data <- x[x$from == from, ]
  value <- function(b) { m <- suppressWarnings(do.call(coxph, list(f, data, ties = "breslow", init = b, control = coxph.control(iter.max = 0)))); s <- survfit(m, newdata = z); diff(c(0, s$cumhaz))[s$n.event > 0] }
  sapply(seq_along(b), function(j) { e <- replace(numeric(length(b)), j, 1e-4 / max(1, abs(z$age * (length(b) == 1 || j == 2)))); h <- sum(e)
    slope <- function(k) (value(b + k * e) - value(b - k * e)) / (2 * k * h); (4 * slope(1) - slope(2)) / 3 }) }
F <- list(Surv(entry, exit, one_way == 2) ~ treated + age, Surv(entry, exit, one_way == 3) ~ age, Surv(entry, exit, one_way == 3) ~ age)
codes <- rbind(c(1, 2), c(1, 3), c(2, 3))
brute <- function(z, horizon) { m <- fits("breslow")
  p <- lapply(1:3, function(a) { q <- parts(m[[a]], z); C <- as.matrix(slopes(codes[a, 1], F[[a]], q$beta, z)); keep <- q$time <= horizon
    list(a = rep(a, sum(keep)), time = q$time[keep], d = q$increment[keep], S = diag(q$increment[keep]^2 / q$events[keep], sum(keep)) + C[keep, , drop = FALSE] %*% vcov(m[[a]]) %*% t(C[keep, , drop = FALSE])) })
  a <- unlist(lapply(p, `[[`, "a")); t <- unlist(lapply(p, `[[`, "time")); d <- unlist(lapply(p, `[[`, "d")); grid <- sort(unique(t))
  chance <- function(d) { v <- c(1, 0, 0); for (u in grid) { G <- diag(3); for (i in which(t == u)) { k <- codes[a[i], ]; G[k[1], k[2]] <- G[k[1], k[2]] + d[i]; G[k[1], k[1]] <- G[k[1], k[1]] - d[i] }; v <- v %*% G }; as.vector(v) }
  stay <- function(d) { v <- c(1, 0, 0); L <- numeric(3); at <- 0; for (u in grid) { L <- L + v * (u - at); at <- u; G <- diag(3)
    for (i in which(t == u)) { k <- codes[a[i], ]; G[k[1], k[2]] <- G[k[1], k[2]] + d[i]; G[k[1], k[1]] <- G[k[1], k[1]] - d[i] }; v <- as.vector(v %*% G) }; L + v * (horizon - at) }
  K <- sapply(seq_along(d), function(i) (stay(replace(d, i, d[i] + 1)) - stay(replace(d, i, d[i] - 1))) / 2)
  J <- sapply(seq_along(d), function(i) (chance(replace(d, i, d[i] + 1)) - chance(replace(d, i, d[i] - 1))) / 2)
  S <- matrix(0, length(d), length(d)); o <- cumsum(c(0, sapply(p, function(q) length(q$d)))); for (b in 1:3) S[o[b] + seq_along(p[[b]]$d), o[b] + seq_along(p[[b]]$d)] <- p[[b]]$S
  # de Wreede: the covariance of the cumulative hazards grows by independent increments, seen from P(s, t)
  V <- matrix(0, 3, 3); v <- c(1, 0, 0); last <- numeric(3)
  for (u in grid) { G <- diag(3); now <- sapply(1:3, function(b) { r <- which(p[[b]]$time <= u); sum(p[[b]]$S[r, r]) })
    for (i in which(t == u)) { k <- codes[a[i], ]; G[k[1], k[2]] <- G[k[1], k[2]] + d[i]; G[k[1], k[1]] <- G[k[1], k[1]] - d[i] }
    v <- v %*% G; V <- t(G) %*% V %*% G
    for (b in 1:3) { n <- numeric(3); n[codes[b, 2]] <- v[codes[b, 1]]; n[codes[b, 1]] <- n[codes[b, 1]] - v[codes[b, 1]]; V <- V + (now[b] - last[b]) * outer(n, n) }
    last <- now }
  list(stay = stay(d), stay_error = sqrt(diag(K %*% S %*% t(K))), estimate = chance(d), delta = sqrt(diag(J %*% S %*% t(J))), increments = sqrt(diag(V))) }
# One transition, exponential factors: the standard error of survfit itself
w <- x[x$from == 1, ]; death <- coxph(Surv(entry, exit, one_way == 3) ~ age, w, control = exact); sd <- summary(survfit(death, newdata = old), times = times)
# The clock reset: patients without late entry who start well
prompt <- x[x$id %in% x$id[x$entry == 0 & x$from == 1], ]; prompt$wait <- prompt$exit - prompt$entry
reset <- list(coxph(Surv(wait, one_way == 2) ~ treated + age, prompt[prompt$from == 1, ], control = exact), coxph(Surv(wait, one_way == 3) ~ age, prompt[prompt$from == 1, ], control = exact), coxph(Surv(wait, one_way == 3) ~ age, prompt[prompt$from == 2, ], control = exact))
report(list(
  call = "coxph(list(Surv(entry, exit, state) ~ 1, 1:2 ~ treated + age, 1:3 ~ age, 2:3 ~ age), id = id, istate = now); survfit(fit, newdata, p0)",
  times = times, breslow = numbers(breslow), efron = numbers(efron), shared = numbers(shared),
  robust = unname(sqrt(diag(vcov(breslow)))),
  probabilities = list(young = by_state(survfit(breslow, newdata = young, p0 = c(1, 0, 0))), old = by_state(survfit(breslow, newdata = old, p0 = c(1, 0, 0))),
    ill = by_state(survfit(breslow, newdata = old, p0 = c(0, 1, 0)))), # shared baselines: see the test
  hazards = list(breslow = hazards("breslow", young), efron = hazards("efron", old)),
  brute = list(young = lapply(c(200, 500, 800), brute, z = young), old = lapply(c(200, 500, 800), brute, z = old)),
  death = list(survival = sd$surv, std_error = sd$std.err),
  reset = lapply(reset, function(m) list(coefficients = unname(coef(m)), std_error = unname(sqrt(diag(vcov(m))))))
))
