# R holds 150 MiB of vectors, each a block of its own of 600 to 8,000 bytes; nine in ten are dropped, here and there, then all.
mark <- function(name) {
  invisible(gc())
  line <- grep("^VmRSS:", readLines("/proc/self/status"), value = TRUE)
  cat("mark", name, gsub("[^0-9]", "", line), "\n")
}
mark("started")
vectors <- lapply(1:37000, function(i) numeric(75 + (i * 7919) %% 925))
mark("full")
vectors <- vectors[seq(1, length(vectors), by = 10)]
mark("90%_dropped")
rm(vectors)
mark("all_dropped")
Sys.sleep(1.5)
mark("idle")
