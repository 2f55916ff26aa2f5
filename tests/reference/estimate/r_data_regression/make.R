# Regressions on data sets of R's survival that the greenwood and lifelines packages (MIT) ship too: results only, no rows.
source("../report.R"); suppressMessages({library(survival); library(cmprsk)})
tight <- coxph.control(eps = 1e-15, toler.chol = 1e-16, iter.max = 60)
fit <- function(f, d, ...) eval(substitute(coxph(f, d, control = tight, ...)))
of <- function(m, transform = "km") list(coefficients = unname(coef(m)), std_error = unname(sqrt(diag(vcov(m)))), log_likelihood = m$loglik, score = m$score,
  wald = m$wald.test, concordance = unname(m$concordance["concordance"]), concordance_std_error = unname(m$concordance["std"]),
  ph = unname(cox.zph(m, transform = transform)$table[, 1]), martingale_squares = sum(residuals(m)^2), deviance_squares = sum(residuals(m, "deviance")^2),
  dfbeta_squares = unname(colSums(as.matrix(residuals(m, "dfbeta"))^2)))
at <- function(m, who, times) { s <- summary(survfit(m, newdata = who), times = times); list(survival = s$surv, survival_std_error = s$std.err, low = s$lower, high = s$upper) }
# The same of a clustered model by the jackknife: survfit has the coefficients' robust variance, the baseline's of the model.
jackknifed <- function(f, d, cluster, who, times) {
  log_survival <- function(w) { d$w <- w; environment(f) <- environment()
    log(summary(survfit(coxph(f, d, weights = w, control = coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 60), robust = FALSE), newdata = who), times = times)$surv) }
  pull <- sapply(unique(cluster), function(c) { g <- function(k) log_survival(ifelse(cluster == c, 1 + k * 1e-3, 1))
    (8 * (g(1) - g(-1)) - g(2) + g(-2)) / 12e-3 })
  se <- sqrt(rowSums(pull^2)); S <- exp(log_survival(rep(1, nrow(d)))); z <- qnorm(0.975)
  list(survival = S, survival_std_error = S * se, low = S * exp(-z * se), high = pmin(1, S * exp(z * se))) }
v <- veteran; l <- lung[!is.na(lung$ph.ecog) & !is.na(lung$inst), ]; p <- pbc[1:312, ]; p$dead <- p$status == 2
colon$lev <- colon$rx == "Lev"; colon$lev5fu <- colon$rx == "Lev+5FU"
vet <- fit(Surv(time, status) ~ I(trt - 1) + karno + age + strata(celltype), v)
lun <- fit(Surv(time, status == 2) ~ age + sex + ph.ecog, l, cluster = inst)
pb <- fit(Surv(time, dead) ~ age + edema + log(bili) + log(albumin) + log(protime), p[!is.na(p$protime), ], ties = "breslow")
col <- fit(Surv(time, status) ~ lev + lev5fu + age + strata(etype), colon, cluster = id)
hea <- fit(Surv(start, stop, event) ~ age + surgery + transplant, heart)
m2 <- transform(mgus2, etime = ifelse(pstat == 0, futime, ptime), cause = ifelse(pstat == 0, 2 * death, 1), male = 1 * (sex == "M")); m2$state <- factor(m2$cause, 0:2)
X <- as.matrix(m2[, c("age", "male")])
cr <- lapply(1:2, function(k) { f <- crr(m2$etime, m2$cause, X, failcode = k, gtol = 1e-14, maxiter = 60); q <- predict(f, c(70, 1))
  list(coefficients = unname(f$coef), std_error = sqrt(diag(f$var)), log_likelihood = c(f$loglik.null, f$loglik), incidence = sapply(c(60, 120, 240), function(t) q[sum(q[, 1] <= t), 2])) })
w <- finegray(Surv(etime, state) ~ age + male + id, m2, etype = 1)
fg <- lapply(c("breslow", "efron"), function(t) { m <- do.call(coxph, list(Surv(fgstart, fgstop, fgstatus) ~ age + male, w, weights = w$fgwt, ties = t, cluster = w$id, control = tight))
  list(coefficients = unname(coef(m)), std_error = unname(sqrt(diag(vcov(m)))), model_std_error = unname(sqrt(diag(m$naive.var))), log_likelihood = m$loglik) })
report(list(
  call = "coxph, cox.zph, residuals, survfit on veteran, lung, pbc, colon, heart; crr, finegray on mgus2",
  veteran = c(of(vet, "rank"), at(vet, data.frame(trt = 2, karno = 60, age = 58, celltype = "squamous"), c(50, 100, 200))),
  lung = c(of(lun), jackknifed(Surv(time, status == 2) ~ age + sex + ph.ecog, l, l$inst, data.frame(age = 60, sex = 2, ph.ecog = 1), c(100, 365, 700))),
  pbc = c(of(pb, "log"), at(pb, data.frame(age = 50, edema = 0, bili = 2, albumin = 3.5, protime = 10.5), c(1000, 2000, 3000))),
  colon = of(col, "identity"), heart = c(of(hea), at(hea, data.frame(age = 5, surgery = 0, transplant = "1"), c(50, 200, 500))),
  mgus2_crr = cr[[1]], mgus2_crr_death = cr[[2]], mgus2_finegray = fg[[1]], mgus2_finegray_efron = fg[[2]]
), c("survival", "cmprsk"))
