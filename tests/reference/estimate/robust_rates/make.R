source("../report.R"); suppressMessages(library(lava))
r <- read.csv("../inputs/recurrent.csv"); r$days <- r$exit - r$entry; r$y <- as.integer(r$event == 1)
fit <- function(f, d, id, w = rep(1, nrow(d))) { d$w <- w; m <- suppressWarnings(glm(f, poisson, d, offset = log(days), weights = w, control = glm.control(epsilon = 1e-15, maxit = 100))); coef(summary(estimate(m, id = id))) }
of <- function(d, id, w = rep(1, nrow(d))) { s <- fit(y ~ 1, d, id, w); list(rate = exp(s[1, 1]), std_error = exp(s[1, 1]) * s[1, 2], log_std_error = s[1, 2], limits = exp(s[1, 1] + c(-1, 1) * qnorm(.975) * s[1, 2])) }
ratio <- function(d, id, group, w = rep(1, nrow(d))) { d$group <- group; s <- fit(y ~ group, d, id, w)["group", ]; list(ratio = exp(s[[1]]), std_error = s[[2]], limits = exp(s[[1]] + c(-1, 1) * qnorm(.975) * s[[2]]), p_value = 2 * pnorm(-abs(s[[1]] / s[[2]]))) }
first <- !duplicated(r$id); now <- ifelse(first, r$treated, 1 - r$treated)
report(packages = "lava", list(
  call = "lava::estimate(glm(event ~ group + offset(log(days)), poisson, weights), id = )",
  all = of(r, r$id), treated = of(r[r$treated == 1, ], r$id[r$treated == 1]), untreated = of(r[r$treated == 0, ], r$id[r$treated == 0]),
  centres = of(r, r$centre), weighted = of(r, r$id, r$weight), independent = of(r, seq_len(nrow(r))),
  ratio = ratio(r, r$id, r$treated), ratio_centres = ratio(r, r$centre, r$treated), ratio_weighted = ratio(r, r$id, r$treated, r$weight), ratio_switched = ratio(r, r$id, now)
))
