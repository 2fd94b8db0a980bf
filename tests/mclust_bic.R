# The BIC tables of mclust, with its own sign turned, for tests/mclust_bic.csv:
#   Rscript tests/mclust_bic.R > tests/mclust_bic.csv
suppressPackageStartupMessages(library(mclust))

table_of <- function(name, x, models) {
  found <- mclustBIC(x, G = 1:9, modelNames = models, verbose = FALSE)
  for (K in 1:9) for (model in models) {
    cat(name, model, K, sprintf("%.6f\n", -found[K, model]), sep = ",")
  }
}

data <- function(name) read.csv(file.path("gmm_tutorial/data", paste0(name, ".csv")))
shapes <- c("EII", "VII", "EEI", "VVI", "EEE", "VVV")
columns <- c("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
table_of("faithful", as.matrix(data("faithful")), shapes)
table_of("galaxies", data("galaxies")[, 1] / 1000, c("E", "V"))
table_of("acidity", data("acidity")[, 1], c("E", "V"))
table_of("penguins", as.matrix(na.omit(data("penguins")[, columns])), shapes)
table_of("islands", as.matrix(data("islands")[, 1:2]), shapes)
