source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- as.integer(x$cause > 0); x$state <- factor(x$cause, 0:2, c("censored", "first", "second"))
x$family <- x$id %/% 3                                           # three patients a cluster
times <- c(60, 125, 300, 500, 800)
fit <- function(formula, data, ...) do.call(survfit, list(formula, data, ...))
km <- function(...) { s <- summary(fit(Surv(entry, exit, dead) ~ group, x, id = x$id, ...), times = times, extend = TRUE)
  lapply(split(data.frame(estimate = s$surv, std_error = s$std.err, conf_low = s$lower, conf_high = s$upper),
               sub("group=", "", s$strata)), as.list) }
hazard <- function(...) { s <- summary(fit(Surv(entry, exit, dead) ~ 1, x, id = x$id, ...), times = times)
  list(estimate = s$cumhaz, std_error = s$std.chaz) }
cif <- function(...) { s <- summary(fit(Surv(entry, exit, state) ~ 1, x, id = x$id, conf.type = "log-log", ...), times = times)
  setNames(lapply(2:3, function(j) list(estimate = s$pstate[, j], std_error = s$std.err[, j],
    conf_low = s$lower[, j], conf_high = s$upper[, j])), c("first", "second")) }
# survfit of 3.5 leaves `cluster` aside where there are states and an `id`: its own influences, added up.
family_cif <- function(weights) {
  s <- survfit(Surv(exit, state) ~ 1, x, id = id, weights = weights, influence = TRUE)
  i <- findInterval(times, s$time); j0 <- dim(s$influence)[2] - length(s$time)      # a first column for the start
  setNames(lapply(2:3, function(j) list(estimate = s$pstate[i, j],
    std_error = sqrt(colSums(rowsum(s$influence[, i + j0, j] * weights, x$family)^2)))), c("first", "second")) }
# Counting-process rows: the same patients, each cut at day 200.
cut <- survSplit(Surv(entry, exit, dead) ~ ., x, cut = 200, start = "entry", end = "exit", event = "dead")
pieces <- { s <- summary(survfit(Surv(entry, exit, dead) ~ 1, cut, weights = weight, id = id, cluster = id, conf.type = "log-log"), times = times)
  list(estimate = s$surv, std_error = s$std.err, conf_low = s$lower, conf_high = s$upper) }
report(list(
  call = "survfit(Surv(entry, exit, dead) ~ group, weights =, cluster =, robust = TRUE)", times = times,
  plain = km(robust = TRUE, conf.type = "log-log"),
  weighted = km(weights = x$weight, robust = TRUE, conf.type = "log"),
  copies = km(weights = x$copies, robust = TRUE, conf.type = "plain"),
  clustered = km(cluster = x$family, conf.type = "logit"),
  both = km(weights = x$weight, cluster = x$family, conf.type = "log-log"),
  started = km(weights = x$weight, cluster = x$family, conf.type = "log-log", start.time = 121),
  pieces = pieces,
  hazard = list(plain = hazard(robust = TRUE), weighted = hazard(weights = x$weight, robust = TRUE),
                both = hazard(weights = x$weight, cluster = x$family)),
  cif = list(plain = cif(), weighted = cif(weights = x$weight), started = cif(weights = x$weight, start.time = 121)),
  family = list(clustered = family_cif(rep(1, nrow(x))), both = family_cif(x$weight))
))
