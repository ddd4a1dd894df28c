# Oracle: utils::compareVersion, over what package_version accepts. Reads a<TAB>b lines, writes one of < = > ! a line.
# Run as: Rscript cran.R [--version]
if ("--version" %in% commandArgs(TRUE)) {
    cat("utils::compareVersion of", R.version.string, "\n")
} else {
    valid <- function(v) grepl("^[0-9]+([.-][0-9]+)*$", v) && !anyNA(suppressWarnings(as.integer(strsplit(v, "[.-]")[[1]])))
    for (line in readLines(file("stdin"), encoding = "UTF-8")) {
        pair <- strsplit(paste0(line, "\t."), "\t")[[1]]
        cat(if (valid(pair[1]) && valid(pair[2])) c("<", "=", ">")[utils::compareVersion(pair[1], pair[2]) + 2] else "!", "\n", sep = "")
    }
}
