source("../report.R")
of <- function(p) list(p = p, holm = p.adjust(p, "holm"), bh = p.adjust(p, "BH"))
report(packages = "stats", list(
  call = "p.adjust(p, 'holm'), p.adjust(p, 'BH')",
  cases = list(of(c(.012, .04, .001, .5, .03)), of(c(.02, .02, .9, 1e-12)), of(c(.3, .6, NA, .004, .04, .04, .2)), of(c(.8, .7)))
))
