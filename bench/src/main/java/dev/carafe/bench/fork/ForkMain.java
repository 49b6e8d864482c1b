package dev.carafe.bench.fork;

import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Contenders;
import dev.carafe.contenders.Sizing;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/** The main class of a forked JVM: runs one cell and prints its results on standard output. */
public final class ForkMain {
  /** The prefix of result results. Output of libraries goes to standard error. */
  public static final String RESULT = "RESULT ";

  private ForkMain() {}

  /** Receives the results of a cell, one line per phase. */
  @FunctionalInterface
  interface ResultWriter {
    void write(Map<String, Object> figures);
  }

  /**
   * Measures a cell.
   *
   * @param args the cell as a {@link Message}
   * @throws Exception if the contender throws one; the parent reports it
   */
  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    System.setOut(System.err);
    Cell cell = Cell.decode(args[0]);
    measure(
        cell,
        figures -> {
          out.println(RESULT + Message.encode(figures));
          out.flush();
        });
    if (cell.text("kind").equals("reopenTraining")) {
      System.exit(0); // runs the shutdown that writes the AOT cache
    }
    // some libraries leave non-daemon threads running
    Runtime.getRuntime().halt(0);
  }

  private static void measure(Cell cell, ResultWriter results) throws Exception {
    switch (cell.text("kind")) {
      case "overhead" -> MemoryCell.overhead(cell, results);
      case "hits" -> MemoryCell.hits(cell, results);
      case "bounded" -> MemoryCell.bounded(cell, results);
      case "gc" -> MemoryCell.gc(cell, results);
      case "hybridFill" -> HybridCell.fill(cell, results);
      case "hybrid" -> HybridCell.drive(cell, results);
      case "trace" -> TraceCell.run(cell, results);
      case "fill" -> RestartCell.fill(cell, results);
      case "reopen", "reopenAot" -> RestartCell.reopen(cell, results);
      case "reopenTraining" -> RestartCell.reopen(cell, figures -> {});
      case "write" -> CrashCell.write(cell, results);
      case "check" -> CrashCell.check(cell, results);
      case "near" -> NearCell.run(cell, results);
      case "nearReopened" -> NearCell.reopen(cell, results);
      case "nearWrite" -> NearCell.write(cell, results);
      default -> throw new IllegalArgumentException("unknown kind of cell: " + cell.text("kind"));
    }
  }

  static Contender contender(Cell cell) {
    return Contenders.find(cell.text("contender"))
        .orElseThrow(
            () -> new IllegalArgumentException("unknown contender " + cell.text("contender")));
  }

  static Sizing sizing(Cell cell) {
    return new Sizing(
        cell.number("memoryBytes"),
        cell.has("fileBytes") ? cell.number("fileBytes") : 0,
        cell.has("directory") ? Path.of(cell.text("directory")) : null,
        cell.number("entries"),
        cell.count("valueBytes"),
        !cell.has("sizesDiffer"));
  }
}
