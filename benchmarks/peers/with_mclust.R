# R's mclust, model VVV: em() with itmax steps, no tolerance. The same lines in and out as protocol.py.

read_npy <- function(path) {
  file <- file(path, "rb")
  on.exit(close(file))
  start <- readBin(file, "raw", 10)
  header <- rawToChar(readBin(file, "raw", as.integer(start[9]) + 256L * as.integer(start[10])))
  shape <- as.integer(regmatches(sub(".*shape': \\(([^)]*)\\).*", "\\1", header),
                                 gregexpr("[0-9]+", sub(".*shape': \\(([^)]*)\\).*", "\\1", header)))[[1]])
  list(shape = shape, numbers = readBin(file, "double", prod(shape)))
}

load_all <- function(folder) {
  if (!suppressWarnings(suppressPackageStartupMessages(require(mclust, quietly = TRUE)))) return("missing mclust")
  x <- read_npy(file.path(folder, "points.npy"))
  K <- length(read_npy(file.path(folder, "weights.npy"))$numbers)
  D <- x$shape[2]
  given <<- matrix(x$numbers, ncol = D, byrow = TRUE)
  sigma <- array(read_npy(file.path(folder, "covariances.npy"))$numbers, c(D, D, K))
  cholsigma <- array(apply(sigma, 3, chol), c(D, D, K))
  origin <<- list(
    pro = read_npy(file.path(folder, "weights.npy"))$numbers,
    mean = matrix(read_npy(file.path(folder, "means.npy"))$numbers, nrow = D),
    variance = list(modelName = "VVV", d = D, G = K, sigma = sigma, cholsigma = cholsigma))
  as.character(packageVersion("mclust"))
}

run_steps <- function(steps, path) {
  control <- emControl(tol = c(0, 0), itmax = c(steps, steps))
  begin <- proc.time()[["elapsed"]]
  found <- emVVV(given, origin, control = control, warn = FALSE)$parameters
  seconds <- proc.time()[["elapsed"]] - begin
  file <- file(path, "wb")
  on.exit(close(file))
  writeBin(c(found$pro, as.vector(found$mean), as.vector(found$variance$sigma)), file)
  format(seconds, digits = 15)
}

input <- file("stdin", "r")
while (length(line <- readLines(input, n = 1)) > 0) {
  words <- strsplit(line, " ")[[1]]
  reply <- tryCatch({
    if (words[1] == "load" && words[3] == "diagonal") stop("only full covariances here")
    if (words[1] == "load") load_all(words[2]) else run_steps(as.integer(words[2]), words[3])
  }, error = function(e) paste("error", gsub("\n", " ", conditionMessage(e))))
  cat("@ ", reply, "\n", sep = "")
  flush(stdout())
}
