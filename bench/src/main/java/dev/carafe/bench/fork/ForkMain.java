package dev.carafe.bench.fork;

import dev.carafe.bench.JsonLine;
import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Contenders;
import dev.carafe.contenders.Sizing;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/** The main class of a contender's JVM: one cell, its figures as lines on standard output. */
public final class ForkMain {
  /** Begins each line that the parent reads; whatever else a library prints goes elsewhere. */
  public static final String RESULT = "RESULT ";

  private ForkMain() {}

  /** Where a cell's figures go, one line a phase. */
  @FunctionalInterface
  interface Lines {
    void say(Map<String, Object> figures);
  }

  /**
   * Measures a cell.
   *
   * @param args the cell as JSON
   * @throws Exception whatever the contender throws; the parent shows it
   */
  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    System.setOut(System.err);
    Cell cell = Cell.parse(args[0]);
    measure(
        cell,
        figures -> {
          out.println(RESULT + JsonLine.of(figures));
          out.flush();
        });
    if (cell.text("kind").equals("reopenTraining")) {
      System.exit(0); // the JVM writes its AOT cache then
    }
    // Libraries leave threads behind that are no daemons.
    Runtime.getRuntime().halt(0);
  }

  private static void measure(Cell cell, Lines lines) throws Exception {
    switch (cell.text("kind")) {
      case "overhead" -> MemoryCell.overhead(cell, lines);
      case "hits" -> MemoryCell.hits(cell, lines);
      case "bounded" -> MemoryCell.bounded(cell, lines);
      case "gc" -> MemoryCell.gc(cell, lines);
      case "hybridFill" -> HybridCell.fill(cell, lines);
      case "hybrid" -> HybridCell.drive(cell, lines);
      case "trace" -> TraceCell.run(cell, lines);
      case "fill" -> RestartCell.fill(cell, lines);
      case "reopen", "reopenAot" -> RestartCell.reopen(cell, lines);
      case "reopenTraining" -> RestartCell.reopen(cell, figures -> {});
      case "write" -> CrashCell.write(cell, lines);
      case "check" -> CrashCell.check(cell, lines);
      default -> throw new IllegalArgumentException("no such kind of cell: " + cell.text("kind"));
    }
  }

  static Contender contender(Cell cell) {
    return Contenders.find(cell.text("contender"))
        .orElseThrow(
            () -> new IllegalArgumentException("no contender is called " + cell.text("contender")));
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
