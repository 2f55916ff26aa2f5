# What survfit counts and estimates at one day, for histories that the tests count in several ways.
source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- x$cause > 0
at <- function(day, d = x, weights = rep(1, nrow(d))) { d$w <- weights
  lapply(split(d, d$group), function(g) { s <- summary(survfit(Surv(entry, exit, dead) ~ 1, g, weights = w, robust = FALSE), times = c(day / 2, day))
    list(at_risk = s$n.risk[2], events = sum(s$n.event), estimate = s$surv[2], std_error = s$std.err[2]) }) }
hours <- transform(x, entry = entry + id / 1000, exit = exit + id / 1000 + .25)   # no two times alike
report(list(
  call = "summary(survfit(Surv(entry, exit, dead) ~ 1, weights =, robust = FALSE), times = 300) by group",
  day = 300, whole = at(300), copies = at(300, weights = x$copies), weighted = at(300, weights = x$weight), hours = at(300, hours)
))
