package dev.carafe.bench;

/** The outcome of a request. */
enum Outcome {
  /** A hit in memory. */
  MEMORY_HIT("memoryHit"),
  /** A hit in the file. */
  FILE_HIT("fileHit"),
  /** A hit in memory or in the file. The tier is unknown when several threads replay. */
  HIT("hit"),
  /** A miss. */
  MISS("miss"),
  /** A SET or DEL. */
  WRITE("write");

  private final String label;

  Outcome(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
