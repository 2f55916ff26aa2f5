cell("1,000 bootstraps of the differences in survival and incidence", "R survival", "survival", function(d) {
  d$state <- factor(d$event, 0:2); rows <- split(seq_len(nrow(d)), d$group)
  difference <- function(i) { s <- summary(survfit(Surv(exit, state) ~ group, d[i, ], se.fit = FALSE), times = AT_DAY)
    s$pstate[2, 1] - s$pstate[1, 1] }
  function() { set.seed(1)
    for (b in 1:1000) difference(unlist(lapply(rows, sample, replace = TRUE)))
    difference(seq_len(nrow(d))) } })
