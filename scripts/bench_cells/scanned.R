turnbull <- "Turnbull's estimate (osteon: certified)"
cell(turnbull, "R survival", "survival", function(d) {
  shift <- (d$id * 37) %% 180; number <- pmax(d$exit - shift, 0) %/% 180
  left <- ifelse(d$exit > shift, shift + number * 180, 0)
  right <- ifelse(d$event > 0, ifelse(d$exit > shift, left + 180, shift), Inf)
  left[left == 0] <- -Inf
  function() { s <- survfit(Surv(left, right, type = "interval2") ~ 1); s$surv[findInterval(AT_DAY, s$time)] }
})
