# How a cell is declared in R: cell("Kaplan-Meier", "R survival", "survival", function(d) { ...; function() work })
# Rscript bench_cell.R list | run OPERATION PEER FOLDER N ...      (one line of JSON a size)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)[1]))
cells <- list()
AT_DAY <- 1825
cell <- function(operation, peer, package, prepare)
  cells[[length(cells) + 1]] <<- list(operation = operation, peer = peer, package = package, prepare = prepare)
for (f in setdiff(sort(list.files(here, "[.]R$", full.names = TRUE)), file.path(here, "bench_cell.R"))) source(f)

read <- function(folder) {
  files <- list.files(folder, full.names = TRUE)
  d <- lapply(files, function(f) { integer <- grepl("[.]i32$", f)
    readBin(f, if (integer) "integer" else "double", file.size(f) / if (integer) 4 else 8) })
  as.data.frame(setNames(d, sub("[.].*$", "", basename(files))))
}
timed <- function(work) {
  clock <- function() as.numeric(Sys.time())
  t <- clock(); answer <- work(); first <- clock() - t
  seconds <- if (first > 8) first else c()
  while (first <= 8 && (length(seconds) < 3 || (length(seconds) < 15 && sum(seconds) < 2))) {
    t <- clock(); work(); seconds <- c(seconds, clock() - t)
  }
  c(seconds = median(seconds), first = first, runs = length(seconds), answer = unname(answer))
}
arguments <- commandArgs(TRUE)
if (arguments[1] == "list") {
  for (c in cells) cat(c$operation, "\t", c$peer, "\n", sep = "")
} else {
  found <- Filter(function(c) c$operation == arguments[2] && c$peer == arguments[3], cells)[[1]]
  for (n in arguments[-(1:4)]) {
    if (!suppressMessages(require(found$package, character.only = TRUE, quietly = TRUE))) {
      cat('{"why": "not installed"}\n'); break
    }
    r <- timed(found$prepare(read(file.path(arguments[4], n))))
    cat(sprintf('{"n": %s, "seconds": %.9g, "first": %.9g, "runs": %d, "answer": %.15g}\n', n, r[1], r[2], as.integer(r[3]), r[4]))
    flush(stdout())
  }
}
