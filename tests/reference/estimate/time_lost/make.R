source("../report.R"); suppressMessages({library(survival); library(mets)})
x <- cohort(); x$state <- factor(x$cause, 0:2, c("censored", "first", "second"))
lost <- function(h) { t <- summary(survfit(Surv(exit, state) ~ group, x, id = id, influence = TRUE), rmean = h)$table
  cause <- sub(".*, ", "", rownames(t))
  lapply(setNames(c("first", "second"), c("first", "second")), function(k)
    list(estimate = unname(t[cause == k, "rmean"]), std_error = unname(t[cause == k, "se(rmean)"]))) }
m <- cif.yearslost(Event(exit, cause) ~ strata(group), x, times = 600)
report(packages = c("survival", "mets"), list(
  call = "summary(survfit(Surv(exit, state) ~ group, id = id), rmean = h)$table; mets::cif.yearslost",
  at_600 = lost(600), at_512.3 = lost(512.3), at_950 = lost(950),
  mets = list(first = list(estimate = unname(m$intF1times[, "intF11"]), std_error = unname(m$intF1times[, "se.intF11"])),
              second = list(estimate = unname(m$intF1times[, "intF12"]), std_error = unname(m$intF1times[, "se.intF12"])))
))
