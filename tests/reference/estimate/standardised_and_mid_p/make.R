# What R's epitools has of directly standardised rates, and of mid-p answers for 2 x 2 tables and rates.
source("../report.R"); suppressMessages(library(epitools))
old <- c(63986.6, 186263.6, 157302.2, 97647.0, 47572.6, 12262.6)
rate <- function(events, time, standard, level = .95) { r <- unname(ageadjust.direct(events, time, stdpop = standard, conf.level = level))
  list(events = events, time = time, standard = standard, level = level, rate = r[2], limits = r[3:4]) }
table <- function(a, n, b, m) { t <- ormidp.test(a, n - a, b, m - b); o <- oddsratio.midp(matrix(c(m - b, n - a, b, a), 2), interval = c(0, 500))$measure[2, 2:3]
  list(counts = c(a, n, b, m), p_value = t$two.sided, limits = unname(o)) }
ratio <- function(a, t, b, s) { r <- rateratio.midp(c(b, a), c(s, t)); list(counts = c(a, t, b, s), p_value = unname(r$p.value[2, "midp.exact"]), limits = unname(r$measure[2, 2:3])) }
report(packages = "epitools", list(
  call = "ageadjust.direct(events, time, stdpop =), ormidp.test(), oddsratio.midp(), rateratio.midp()",
  rates = list(rate(c(2, 8), c(100, 100), c(3, 1)), rate(c(107, 141, 60, 40, 39, 25), c(230061, 329449, 114920, 39487, 14208, 3052), old),
    rate(c(107, 141, 60, 40, 39, 25), c(230061, 329449, 114920, 39487, 14208, 3052), old, .9), rate(c(0, 3, 1), c(40, 60, 20), c(1, 2, 3))),
  tables = list(table(77, 105, 106, 353), table(9, 26, 2, 36), table(5, 10, 5, 10), table(4, 19, 1, 23), table(12, 15, 7, 15)),
  ratios = list(ratio(13, 165, 5, 154), ratio(5, 100, 9, 80), ratio(30, 400, 31, 200), ratio(6, 5, 2, 5))
))
