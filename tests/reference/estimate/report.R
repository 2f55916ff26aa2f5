# Print results as JSON at full precision, with the versions that made them. Sourced by every make.R.
suppressMessages(library(jsonlite))
options(warn = 1)

cohort <- function() read.csv("../inputs/cohort.csv")
start_stop <- function() read.csv("../inputs/start_stop.csv")

report <- function(values, packages = "survival") {
  versions <- sapply(packages, function(p) as.character(packageVersion(p)))
  made <- list(R = paste(R.version$major, R.version$minor, sep = "."), packages = as.list(versions))
  cat(toJSON(c(list(made_with = made), values), digits = I(17), auto_unbox = TRUE,
             na = "string", null = "null", pretty = TRUE), "\n")
}
