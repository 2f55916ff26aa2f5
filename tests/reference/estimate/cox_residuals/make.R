source("../report.R"); suppressMessages(library(survival))
x <- cohort(); x$dead <- as.integer(x$cause > 0); y <- start_stop()
tight <- coxph.control(eps = 1e-15, toler.chol = 1e-16, iter.max = 60)
fit <- function(f, d = x, ...) eval(substitute(coxph(f, d, control = tight, ...)))
head60 <- function(a) if (is.matrix(a)) a[seq_len(min(60, nrow(a))), ] else a[seq_len(min(60, length(a)))]
of <- function(m, id = NULL) {
  r <- function(type, ...) head60(unname(residuals(m, type, ...)))
  out <- list(martingale = r("martingale"), deviance = r("deviance"), score = r("score"),
    score_weighted = r("score", weighted = TRUE), dfbeta = r("dfbeta", weighted = TRUE), dfbetas = r("dfbetas", weighted = TRUE))
  s <- unname(residuals(m, "schoenfeld")); z <- unname(residuals(m, "scaledsch")); time <- as.numeric(rownames(residuals(m, "schoenfeld")))
  o <- function(a) head60(unname(cbind(time, a)[do.call(order, as.data.frame(round(cbind(time, a), 7))), ]))
  if (all(m$strata == m$strata[1]) || is.null(m$strata)) { out$schoenfeld <- o(s); out$scaled <- o(z) }
  if (!is.null(id)) { out$martingale_subject <- r("martingale", collapse = id); out$deviance_subject <- r("deviance", collapse = id)
    out$score_subject <- r("score", collapse = id); out$dfbeta_subject <- r("dfbeta", collapse = id, weighted = TRUE) }
  out
}
f <- Surv(entry, exit, dead) ~ age + male + marker
report(list(
  call = "residuals(coxph(), type =, weighted =, collapse =)",
  efron = of(fit(f)), breslow = of(fit(f, ties = "breslow")),
  weighted = of(fit(f, weights = weight, robust = FALSE)), weighted_breslow = of(fit(f, weights = weight, ties = "breslow", robust = FALSE)),
  stratified = of(fit(Surv(entry, exit, dead) ~ age + male + marker + strata(centre))),
  start_stop = of(fit(Surv(entry, exit, event) ~ exposed + age + male, y), y$id)
))
