package dev.carafe.bench.versus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.bench.JsonLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The record of a run, one JSON object a line, written as it goes: {@code run} lines say where and
 * with what, {@code figures} lines what was measured, {@code failed} lines why not, and a {@code
 * done} line ends each cell. A run that was interrupted goes on after the last done cell.
 */
public final class ResultFile {
  private final Path path;

  /**
   * A result file.
   *
   * @param path where it is, or will be
   */
  public ResultFile(Path path) {
    this.path = path;
  }

  /** Adds a line. */
  void add(Map<String, Object> line) throws IOException {
    Files.writeString(
        path,
        JsonLine.of(line) + "\n",
        UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** The cells that need not run again. */
  Set<String> doneCells() throws IOException {
    Set<String> done = new HashSet<>();
    for (Map<String, Object> line : lines()) {
      if ("done".equals(line.get("type"))) {
        done.add(String.valueOf(line.get("cell")));
      }
    }
    return done;
  }

  /**
   * All lines that belong to cells that were done, and those about the run; a torn last line is
   * left out, and so are figures of a cell that was interrupted.
   *
   * @return the lines in their order
   * @throws IOException if it can't be read
   */
  public List<Map<String, Object>> lines() throws IOException {
    List<Map<String, Object>> lines = new ArrayList<>();
    List<Map<String, Object>> pending = new ArrayList<>();
    if (!Files.exists(path)) {
      return lines;
    }
    List<String> texts = Files.readAllLines(path, UTF_8);
    for (int i = 0; i < texts.size(); i++) {
      Map<String, Object> line;
      try {
        line = JsonLine.parse(texts.get(i));
      } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
        if (i == texts.size() - 1) {
          break;
        }
        throw new IOException(path + ", line " + (i + 1) + " is no result: " + e.getMessage(), e);
      }
      switch (String.valueOf(line.get("type"))) {
        case "run" -> {
          lines.add(line);
          pending.clear();
        }
        case "done" -> {
          lines.addAll(pending);
          lines.add(line);
          pending.clear();
        }
        default -> pending.add(line);
      }
    }
    return lines;
  }
}
