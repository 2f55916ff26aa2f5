course <- function(d) { ill <- d$x3 == 1 & d$entry > 0; first <- ifelse(ill, d$entry, d$exit); dead <- 2L * (d$event > 0)
  r <- data.frame(id = c(d$id, d$id[ill]), entry = c(0 * first, first[ill]), exit = c(first, d$exit[ill]), event = c(ifelse(ill, 1L, dead), dead[ill]))
  r[order(r$id, r$entry), ] }

cell("State occupation, illness and death, with jackknife variance", "R survival", "survival", function(d) {
  r <- course(d); r$event <- factor(r$event, 0:2)
  function() { s <- survfit(Surv(entry, exit, event) ~ 1, r, id = id); s$pstate[findInterval(AT_DAY, s$time), 2] } })
cell("Mean cumulative function with robust variance", "R survival", "survival", function(d) { r <- course(d)
  function() { s <- survfit(Surv(entry, exit, event == 1) ~ 1, r, id = id, cluster = id); s$cumhaz[findInterval(AT_DAY, s$time)] } })
cell("Markov model of yearly visits with exact deaths", "R msm", "msm", function(d) {
  ill <- d$x3 == 1 & d$entry > 0; n <- (d$exit - 1) %/% 365 + 1; row <- rep(seq_along(n), n); at <- (sequence(n) - 1) * 365
  v <- data.frame(id = c(d$id[row], d$id), years = c(at, d$exit) / 365.25,
    state = c(1 + (ill[row] & at >= d$entry[row]), ifelse(d$event > 0, 3, 1 + ill)))
  v <- v[order(v$id, v$years), ]; q <- crudeinits.msm(state ~ years, id, v, qmatrix = rbind(c(0, 1, 1), c(0, 0, 1), 0))
  function() msm(state ~ years, subject = id, data = v, qmatrix = q, deathexact = 3, control = list(fnscale = 1000, reltol = 1e-12, maxit = 2000))$minus2loglik })
