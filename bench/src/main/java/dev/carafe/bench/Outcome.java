package dev.carafe.bench;

/** What became of a request. */
enum Outcome {
  /** Answered from memory. */
  MEMORY_HIT("memoryHit"),
  /** Answered from the file. */
  FILE_HIT("fileHit"),
  /** Answered by either tier; with several threads it is not known by which. */
  HIT("hit"),
  /** Loaded. */
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
