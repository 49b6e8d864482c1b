package dev.carafe.bench.fork;

import dev.carafe.bench.JsonLine;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One thing to measure: suite, workload, contender, round, and what the workload needs to know.
 *
 * @param fields name to string, number or boolean
 */
public record Cell(Map<String, Object> fields) {
  /** Copies the fields. */
  public Cell {
    fields = Map.copyOf(fields);
  }

  /**
   * Reads a cell.
   *
   * @param json as {@link #json()} wrote it
   * @return the cell
   */
  public static Cell parse(String json) {
    return new Cell(JsonLine.parse(json));
  }

  /**
   * The cell as a line.
   *
   * @return JSON
   */
  public String json() {
    return JsonLine.of(fields);
  }

  /**
   * What names it within a run: a result file has each once.
   *
   * @return suite, workload, contender and round
   */
  public String id() {
    return text("suite") + "/" + text("workload") + "/" + text("contender") + "/" + number("round");
  }

  /**
   * A string.
   *
   * @param name of the field
   * @return its value
   */
  public String text(String name) {
    return String.valueOf(field(name));
  }

  /**
   * A whole number.
   *
   * @param name of the field
   * @return its value
   */
  public long number(String name) {
    return field(name) instanceof Number number ? number.longValue() : 0;
  }

  /**
   * A whole number that fits an int.
   *
   * @param name of the field
   * @return its value
   */
  public int count(String name) {
    return Math.toIntExact(number(name));
  }

  /**
   * A number.
   *
   * @param name of the field
   * @return its value
   */
  public double real(String name) {
    return field(name) instanceof Number number ? number.doubleValue() : 0;
  }

  /**
   * Whether it has a field.
   *
   * @param name of the field
   * @return true if so
   */
  public boolean has(String name) {
    return fields.containsKey(name);
  }

  /**
   * The cell with one more field, or another value of it.
   *
   * @param name of the field
   * @param value its value
   * @return the cell
   */
  public Cell with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(fields);
    more.put(name, value);
    return new Cell(more);
  }

  private Object field(String name) {
    Object value = fields.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the cell has no " + name + ": " + fields);
    }
    return value;
  }
}
