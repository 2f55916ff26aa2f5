cox <- "Cox, Efron, five covariates"; cox_late <- "Cox, Efron, five covariates, late entry"
fg <- "Fine-Gray, five covariates, with robust errors"; gray_ <- "Gray's test of two groups"
x <- paste0("x", 1:5)

cell(cox, "R survival", "survival", function(d) { d$died <- as.integer(d$event > 0)
  function() coef(coxph(Surv(exit, died) ~ x1 + x2 + x3 + x4 + x5, d))[1] })
cell(cox_late, "R survival", "survival", function(d) { d$died <- as.integer(d$event > 0)
  function() coef(coxph(Surv(entry, exit, died) ~ x1 + x2 + x3 + x4 + x5, d))[1] })
cell(fg, "R cmprsk", "cmprsk", function(d) { m <- as.matrix(d[x])
  function() crr(d$exit, d$event, m)$coef[1] })
cell(fg, "R mets", "mets", function(d)
  function() coef(cifreg(Event(exit, event) ~ x1 + x2 + x3 + x4 + x5, d, cause = 1, propodds = NULL))[1])
cell(gray_, "R cmprsk", "cmprsk", function(d)
  function() cuminc(d$exit, d$event, d$group)$Tests[1, 1])
