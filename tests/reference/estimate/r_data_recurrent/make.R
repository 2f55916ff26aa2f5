# Repeated events on R's own data: cgd (Andersen-Gill, PWP), bladder (Wei-Lin-Weissfeld), kidney (clusters), retinopathy (pairs).
source("../report.R"); suppressMessages({library(survival); library(mets)})
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-16, iter.max = 60) # tighter, R steps to and fro on rounding
fit <- function(f, d, ...) { m <- eval(substitute(coxph(f, d, control = tight, ...)))
  list(coefficients = unname(coef(m)), std_error = unname(sqrt(diag(vcov(m)))), naive = unname(sqrt(diag(m$naive.var))), log_likelihood = m$loglik, wald = m$wald.test) }
cgd$drug <- as.numeric(cgd$treat == "rIFN-g"); cgd$girl <- as.numeric(cgd$sex == "female")
B <- bladder[bladder$enum < 5, ]
days <- c(100, 200, 300, 400); mcf <- lapply(c("placebo", "rIFN-g"), function(g) { s <- summary(survfit(Surv(tstart, tstop, status) ~ 1, cgd[cgd$treat == g, ], id = id, cluster = id), times = days)
  list(estimate = s$cumhaz, std_error = s$std.chaz) })
centres <- as.integer(cgd$center); by_centre <- summary(survfit(Surv(tstart, tstop, status) ~ 1, cgd, id = id, cluster = centres), times = days)
rate <- aggregate(cbind(events = status, days = tstop - tstart) ~ drug, cgd, sum)
report(packages = c("survival", "mets"), list(
  call = "coxph(cluster = id) and survfit(cluster = id) on cgd, bladder, kidney, retinopathy",
  cgd = list(days = days, mcf = mcf, centres = list(estimate = by_centre$cumhaz, std_error = by_centre$std.chaz), rate = list(events = rate$events, days = rate$days, limits = lapply(split(cgd, cgd$drug), function(g) as.numeric(poisson.test(sum(g$status), sum(g$tstop - g$tstart))$conf.int))),
    andersen_gill = fit(Surv(tstart, tstop, status) ~ drug + age + girl, cgd, cluster = id), conditional = fit(Surv(tstart, tstop, status) ~ drug + age + strata(enum), cgd[cgd$enum < 4, ], cluster = id)),
  bladder = fit(Surv(stop, event) ~ rx + size + number + strata(enum), B, cluster = id),
  kidney = fit(Surv(time, status) ~ age + I(sex - 1), kidney, cluster = id),
  retinopathy = fit(Surv(futime, status) ~ trt + age, retinopathy, cluster = id, ties = "breslow")
))
