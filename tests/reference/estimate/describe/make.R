source("../report.R")
x <- cohort()$marker
limits <- function(x) { n <- length(x); d <- qbinom(.025, n, .5); sort(x)[c(d, n + 1 - d)] }
report(packages = "stats", list(
  call = "quantile(type = 7), quantile(type = 6), sort(x)[qbinom(.025, n, .5)]",
  type_7 = unname(quantile(x, c(.25, .5, .75), type = 7)), type_6 = unname(quantile(x, c(.25, .5, .75), type = 6)),
  limits = limits(x), limits_of_30 = limits(x[1:30])
))
