source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- as.integer(x$cause > 0)
mean_to <- function(f, h, ...) { t <- summary(survfit(f, x, ...), rmean = h)$table
  list(estimate = unname(t[, "rmean"]), std_error = unname(t[, "se(rmean)"])) }
report(list(
  call = "summary(survfit(Surv(entry, exit, dead) ~ group), rmean = h)$table",
  horizon = 600,
  right_censored = mean_to(Surv(exit, dead) ~ group, 600),
  entry = mean_to(Surv(entry, exit, dead) ~ group, 600),
  between_times = mean_to(Surv(entry, exit, dead) ~ group, 512.3)
))
