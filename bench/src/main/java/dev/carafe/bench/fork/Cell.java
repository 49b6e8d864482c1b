package dev.carafe.bench.fork;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A unit of measurement: suite, workload, contender, round, and the parameters of the workload.
 *
 * @param fields the parameters by name: strings, numbers, booleans and maps
 */
public record Cell(Map<String, Object> fields) {
  /** Copies the fields. */
  public Cell {
    fields = Map.copyOf(fields);
  }

  /**
   * Decodes a cell.
   *
   * @param message the result of {@link #encode()}
   * @return the cell
   */
  public static Cell decode(String message) {
    return new Cell(Message.decode(message));
  }

  /**
   * Encodes the cell for a forked JVM.
   *
   * @return a {@link Message}
   */
  public String encode() {
    return Message.encode(fields);
  }

  /**
   * Returns the identity of the cell in a result file.
   *
   * @return suite, workload, contender and round
   */
  public String id() {
    return text("suite") + "/" + text("workload") + "/" + text("contender") + "/" + number("round");
  }

  /**
   * Returns a string field.
   *
   * @param name the name of the field
   * @return the value of the field
   */
  public String text(String name) {
    return String.valueOf(field(name));
  }

  /**
   * Returns an integer field as a long.
   *
   * @param name the name of the field
   * @return the value of the field
   */
  public long number(String name) {
    return field(name) instanceof Number number ? number.longValue() : 0;
  }

  /**
   * Returns an integer field as an int.
   *
   * @param name the name of the field
   * @return the value of the field
   */
  public int count(String name) {
    return Math.toIntExact(number(name));
  }

  /**
   * Returns a number field.
   *
   * @param name the name of the field
   * @return the value of the field
   */
  public double real(String name) {
    return field(name) instanceof Number number ? number.doubleValue() : 0;
  }

  /**
   * Returns a field that is a map.
   *
   * @param name the name of the field
   * @return the value of the field
   */
  public Map<?, ?> map(String name) {
    return field(name) instanceof Map<?, ?> map ? map : Map.of();
  }

  /**
   * Returns whether the cell has a field.
   *
   * @param name the name of the field
   * @return whether the cell has the field
   */
  public boolean has(String name) {
    return fields.containsKey(name);
  }

  /**
   * Returns a copy of the cell with a field added or replaced.
   *
   * @param name the name of the field
   * @param value the value of the field
   * @return the copy
   */
  public Cell with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(fields);
    more.put(name, value);
    return new Cell(more);
  }

  private Object field(String name) {
    Object value = fields.get(name);
    if (value == null) {
      throw new IllegalArgumentException("cell without field " + name + ": " + fields);
    }
    return value;
  }
}
