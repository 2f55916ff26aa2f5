source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- as.integer(x$cause > 0); x$state <- factor(x$cause, 0:2, c("censored", "first", "second"))
x$family <- x$id %/% 3                                           # three patients a cluster, of any groups
fit <- function(formula, weights) do.call(survfit, list(formula, x, weights = weights, id = x$id))
one <- rep(1, nrow(x)); entered <- Surv(x$entry, x$exit, x$state); right <- Surv(x$exit, x$state)
alive <- Surv(x$entry, x$exit, x$dead)
# Influence of each patient on a number, times the weight: resid() of survfit, patients by states.
# Standard errors of the groups stand in a row a state.
pull <- function(y, weights, time, type) {
  r <- resid(fit(y ~ group, weights), times = time, type = type, weighted = TRUE)
  stopifnot(identical(rownames(r), as.character(x$id))); unname(r) }
root <- function(u, by) unname(sqrt(colSums(rowsum(u, by)^2)))
in_group <- function(u, by) sapply(0:2, function(g) root(u * (x$group == g), by))
sign <- (x$group == 0) - (x$group == 1)
numbers <- function(y, weights, time, type, by) { u <- pull(y, weights, time, type)
  list(groups = matrix(in_group(u, by), nrow = ncol(u)), difference = root(u * sign, by)) }
cases <- function(y, time, type) list(
  plain = numbers(y, one, time, type, x$id), weighted = numbers(y, x$weight, time, type, x$id),
  clustered = numbers(y, one, time, type, x$family), both = numbers(y, x$weight, time, type, x$family))
value <- function(y, weights, time) { s <- summary(fit(y ~ group, weights), times = time)
  unname(if (is.null(s$pstate)) s$surv else s$pstate) }
ratio <- function(y, weights, time, type, theta, by) { u <- pull(y, weights, time, type)[, 1]
  root(cbind(u * ((x$group == 0) / theta[1] - (x$group == 1) / theta[2])), by) }
mean_to <- function(weights, time) unname(summary(fit(alive ~ group, weights), rmean = time)$table[, "rmean"])
report(list(
  call = "resid(survfit(Surv(entry, exit, state) ~ group, id = id, weights = w), times = h, type = \"sojourn\", weighted = TRUE), summed over clusters and squared",
  horizon = 600, odd_horizon = 512.3, time = 500,
  mean = list(estimate = list(plain = mean_to(one, 600), weighted = mean_to(x$weight, 600)),
              std_error = cases(alive, 600, "rmst"), odd = cases(alive, 512.3, "rmst"),
              log_ratio = ratio(alive, x$weight, 600, "rmst", mean_to(x$weight, 600), x$family)),
  # without delayed entry too: columns are staying free, then the causes
  lost = list(entry = cases(entered, 600, "sojourn"), right = cases(right, 600, "sojourn")),
  fixed = list(survival = list(estimate = value(alive, x$weight, 500), std_error = cases(alive, 500, "pstate"),
                               log_ratio = ratio(alive, x$weight, 500, "pstate", value(alive, x$weight, 500), x$family)),
               incidence = list(estimate = value(entered, x$weight, 500), std_error = cases(entered, 500, "pstate")))
))
