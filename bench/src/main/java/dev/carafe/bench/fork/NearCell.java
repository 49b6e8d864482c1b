package dev.carafe.bench.fork;

import dev.carafe.bench.fork.ForkMain.ResultWriter;
import dev.carafe.contenders.near.Layout;
import dev.carafe.contenders.near.NearClient;
import dev.carafe.contenders.near.NearContender;
import dev.carafe.contenders.near.NearContenders;
import dev.carafe.contenders.near.NearSizing;
import dev.carafe.contenders.near.ServerContents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A process that reads a Redis server, with or without a near cache. After each step it writes a
 * result and waits for a byte on standard input, so that the parent starts each step of all
 * processes together. It ends early if the parent does.
 */
final class NearCell {
  private NearCell() {}

  /** Reads from an empty near cache, and then compares it with the server. */
  static void run(Cell cell, ResultWriter results) throws IOException {
    try (NearClient client = contender(cell).opener().open(sizing(cell))) {
      NearReader reader = new NearReader(client, cell);
      results.write(reader.warmUp());
      awaitStep();
      results.write(reader.run("steady"));
      awaitStep();
      results.write(reader.compareWithServer());
      awaitStep();
    }
  }

  /** Reads from the near cache that an earlier process left. */
  static void reopen(Cell cell, ResultWriter results) throws IOException {
    long start = System.nanoTime();
    try (NearClient client = contender(cell).opener().open(sizing(cell))) {
      double millis = (System.nanoTime() - start) / 1e6;
      NearReader reader = new NearReader(client, cell);
      results.write(Map.of("phase", "open", "openMillis", millis));
      awaitStep();
      results.write(reader.run("reopened"));
      awaitStep();
      results.write(reader.compareWithServer());
      awaitStep();
    }
  }

  /** Writes values of the server: every {@code step}th key. */
  static void write(Cell cell, ResultWriter results) {
    Figures figures = Figures.start("write");
    int bytes = cell.count("valueBytes");
    byte[] random = Stamp.randomValue(bytes, 3);
    long written = 0;
    try (ServerContents server =
        new ServerContents(cell.count("port"), Layout.valueOf(cell.text("layout")))) {
      if (cell.number("step") == 1) {
        server.clear();
      }
      for (long key = 0; key < cell.number("values"); key += cell.number("step")) {
        byte[] value = random.clone();
        Stamp.writeWithChecksum(value, bytes, key, cell.number("version"));
        server.put(key, value);
        written++;
      }
    }
    results.write(figures.end(written));
  }

  private static void awaitStep() throws IOException {
    if (System.in.read() < 0) {
      throw new IOException("the parent process ended");
    }
  }

  private static NearContender contender(Cell cell) {
    return NearContenders.find(cell.text("contender"))
        .orElseThrow(
            () -> new IllegalArgumentException("unknown contender " + cell.text("contender")));
  }

  private static NearSizing sizing(Cell cell) {
    return new NearSizing(
        cell.count("port"),
        cell.number("memoryBytes"),
        cell.number("fileBytes"),
        Path.of(cell.text("file")),
        cell.count("valueBytes"));
  }
}
