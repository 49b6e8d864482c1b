package dev.carafe.bench.report;

import java.util.Map;

/** Describes each workload in a sentence. */
final class Workloads {
  private static final Map<String, String> SENTENCES =
      Map.ofEntries(
          Map.entry("hits-100b", "All entries of 100 bytes fit into memory."),
          Map.entry("hits-1k", "All entries of 1 KiB fit into memory."),
          Map.entry("hits-16k", "All entries of 16 KiB fit into memory."),
          Map.entry("bounded-1k", "More data than memory, with equal total memory for all."),
          Map.entry("zipf-4k", "More data than memory, the rest in a file, page cache limited."),
          Map.entry("reopen-4k", "A clean close, then a cold open in a new process."),
          Map.entry("kill-4k", "SIGKILL during writes, then a check of every key."),
          Map.entry("all", "Many entries in the cache, 90 % get and 10 % put."),
          Map.entry("clickbench", "Column batches of an analytical database, few repeated reads."),
          Map.entry("meta_cdn", "Pieces of 64 KiB that a CDN edge serves."),
          Map.entry("orm_busy", "Object reads of a web shop on a busy day."));

  private Workloads() {}

  /** Returns a sentence, empty for an unknown workload. */
  static String describe(String workload) {
    return workload.startsWith("synthetic")
        ? "Requests drawn from the published distributions of a production workload."
        : SENTENCES.getOrDefault(workload, "");
  }
}
