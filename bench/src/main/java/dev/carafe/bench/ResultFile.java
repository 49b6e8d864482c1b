package dev.carafe.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;

/**
 * The results of a run: one JSON object per line, appended as the run proceeds. A {@code run} line
 * has the machine and the contenders, a {@code figures} line the results of a phase, a {@code
 * failed} line the reason of a failure. A {@code done} line ends each cell. An interrupted run can
 * be continued after the last {@code done} line.
 */
public final class ResultFile {
  private final Path path;

  /**
   * Creates a result file, or opens an existing one.
   *
   * @param path the file
   */
  public ResultFile(Path path) {
    this.path = path;
  }

  /**
   * Appends a line.
   *
   * @param line the members of its JSON object
   * @throws IOException if the file can't be written
   */
  public void add(Map<String, Object> line) throws IOException {
    Files.writeString(
        path, Json.line(line) + "\n", UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /**
   * The cells that have a {@code done} line.
   *
   * @return their names
   * @throws IOException if the file can't be read
   */
  public Set<String> doneCells() throws IOException {
    Set<String> done = new HashSet<>();
    for (Map<String, Object> line : lines()) {
      if ("done".equals(line.get("type"))) {
        done.add(String.valueOf(line.get("cell")));
      }
    }
    return done;
  }

  /**
   * Returns the run lines and all lines of completed cells. Omits the lines of interrupted cells
   * and an incomplete last line.
   *
   * @return the lines in file order
   * @throws IOException if the file can't be read
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
        line = Json.parse(texts.get(i));
      } catch (JacksonException e) {
        if (i == texts.size() - 1) {
          break;
        }
        throw new IOException(
            path + ", line " + (i + 1) + " is not a result: " + e.getMessage(), e);
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
