# Coverage of R's own intervals on the samples that validity/in_r.py wrote; see there.
library(survival)

folder <- commandArgs(trailingOnly = TRUE)[1]
z <- qnorm(0.975)
covers <- function(low, high, truth) {
  high <- ifelse(is.na(high), Inf, high)
  low <= truth & truth <= high
}
truth <- read.csv(file.path(folder, "truths.csv"))
each <- function(file, held) {
  samples <- read.csv(file.path(folder, file))
  colMeans(do.call(rbind, lapply(split(samples, samples$sample), held)))
}
curve <- function(x, scale) survfit(Surv(entry, exit, event) ~ 1, x, conf.type = scale)
from_day_0 <- each("all_from_day_0.csv", function(x) {
  on_log <- curve(x, "log")
  median <- quantile(on_log, 0.5)
  early <- lapply(c("log", "plain"), function(scale) summary(curve(x, scale), times = truth$day))
  c("median survival, log" = unname(covers(median$lower, median$upper, truth$median)),
    "survival at day 60, log" = covers(early[[1]]$lower, early[[1]]$upper, truth$early),
    "survival at day 60, plain" = covers(early[[2]]$lower, early[[2]]$upper, truth$early))
})
late <- each("late_entry.csv", function(x) {
  row <- summary(curve(x, "log"), rmean = truth$horizon)$table
  half <- z * row["se(rmean)"]
  c("restricted mean survival, late entry" =
      unname(covers(row["rmean"] - half, row["rmean"] + half, truth$mean)))
})
families <- each("families.csv", function(x) {
  fit <- coxph(Surv(exit, event) ~ exposed, x, cluster = family)
  log_ratio <- unname(coef(fit))
  by_model <- z * sqrt(fit$naive.var[1])
  by_family <- z * sqrt(fit$var[1])
  c("hazard ratio in families, Cox, Wald" =
      covers(log_ratio - by_model, log_ratio + by_model, truth$log_ratio),
    "hazard ratio in families, Cox, robust by family" =
      covers(log_ratio - by_family, log_ratio + by_family, truth$log_ratio))
})
found <- c(from_day_0, late, families)
cat(R.version.string, "; survival", as.character(packageVersion("survival")), "\n")
cat(sprintf("%5.1f %%  %s\n", 100 * found, names(found)), sep = "")
