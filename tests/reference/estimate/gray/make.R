# cmprsk::cuminc gives the statistic; the Fortran routine below it also the scores and their variance.
source("../report.R"); suppressMessages(library(cmprsk))
x <- cohort()
gray <- function(cause, group = x$group, strata = rep(1, nrow(x)), rho = 0, keep = TRUE, time = x$exit, status = x$cause) {
  group <- group[keep]; strata <- strata[keep]; time <- time[keep]; status <- status[keep]
  test <- cuminc(time, status, group, strata, rho = rho)$Tests; row <- which(rownames(test) == cause)
  o <- order(time); g <- as.integer(factor(group))[o]; s <- as.integer(factor(strata))[o]; k <- max(g)
  m <- ifelse(status == 0, 0, ifelse(status == cause, 1, 2))[o]
  v <- matrix(0, k - 1, k - 1); storage.mode(v) <- "double"; n2 <- k * (k - 1) / 2
  z <- .Fortran("crstm", as.double(time[o]), as.integer(m), g, s, length(o), as.double(rho), max(s), k, double(k - 1), v,
    as.double(time[o]), as.integer(m), g, double(n2), double(k - 1), double(n2), double((4 + 3 * k) * k), integer(4 * k), PACKAGE = "cmprsk")
  stopifnot(all.equal(drop(z[[9]] %*% solve(z[[10]], z[[9]])), test[row, "stat"], check.attributes = FALSE))
  list(statistic = test[row, "stat"], p_value = pchisq(test[row, "stat"], k - 1, lower.tail = FALSE), df = k - 1, scores = I(z[[9]]), variance = z[[10]])
}
few <- x$group < 2
real <- function(cause, time, status, group, strata = rep(1, length(time)), ...) { x <<- data.frame(exit = time, cause = status, group = group); gray(cause, strata = strata, ...) }
all_of <- x; m <- survival::mgus2; m$etime <- ifelse(m$pstat == 0, m$futime, m$ptime); m$cause <- ifelse(m$pstat == 0, 2 * m$death, 1); m$old <- as.integer(m$age > 70)
data(bmt, package = "KMsurv"); b <- bmt; b$cause <- ifelse(b$d2 == 1, 1, ifelse(b$d3 == 1, 2, 0))
mgus2 <- list(pcm = real(1, m$etime, m$cause, m$sex), death = real(2, m$etime, m$cause, m$sex), pcm_by_age = real(1, m$etime, m$cause, m$sex, m$old), death_rho = real(2, m$etime, m$cause, m$sex, rho = 1))
transplants <- list(relapse = real(1, b$t2, b$cause, b$group), death = real(2, b$t2, b$cause, b$group)); x <- all_of
report(packages = c("cmprsk", "survival", "KMsurv"), list(
  call = "cmprsk::cuminc(exit, cause, group, strata, rho)$Tests; scores and variance: .Fortran('crstm')",
  mgus2 = mgus2, bmt = transplants,
  first = gray(1), second = gray(2), first_stratified = gray(1, strata = x$centre), second_stratified = gray(2, strata = x$centre),
  first_rho_1 = gray(1, rho = 1), second_rho_half_stratified = gray(2, strata = x$centre, rho = .5),
  two_groups = gray(1, keep = few), two_groups_rho_2 = gray(2, keep = few, rho = 2),
  centres = gray(1, group = x$centre), sex_by_group = gray(1, group = x$male, strata = x$group),
  untied = gray(1, time = rank(x$exit, ties.method = "first")), one_cause = gray(1, status = as.integer(x$cause > 0)),
  by_hand = { x <- data.frame(exit = c(1, 2, 3, 4, 5, 6, 3, 5, 7, 8, 9, 9), cause = c(1, 1, 2, 1, 1, 0, 2, 1, 2, 0, 2, 0), group = rep(1:2, each = 6)); gray(1) }
))
