package dev.carafe.bench;

import java.util.List;
import java.util.Map;

/** Writes maps, lists, numbers, strings and booleans as JSON. */
public final class Json {
  private Json() {}

  /**
   * Writes a value.
   *
   * @param value maps, lists, numbers, booleans; anything else by its string
   * @return JSON text, ended by a line feed
   */
  public static String of(Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value, "\n");
    return out.append('\n').toString();
  }

  private static void write(StringBuilder out, Object value, String line) {
    switch (value) {
      case Map<?, ?> map -> {
        String inner = line + "  ";
        String comma = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(comma).append(inner);
          write(out, String.valueOf(entry.getKey()), inner);
          out.append(": ");
          write(out, entry.getValue(), inner);
          comma = ",";
        }
        out.append(map.isEmpty() ? "{" : line).append('}');
      }
      case List<?> list -> {
        String inner = line + "  ";
        String comma = "[";
        for (Object element : list) {
          out.append(comma).append(inner);
          write(out, element, inner);
          comma = ",";
        }
        out.append(list.isEmpty() ? "[" : line).append(']');
      }
      case Double number -> out.append(Double.isFinite(number) ? number.toString() : "null");
      case Number number -> out.append(number);
      case Boolean bool -> out.append(bool);
      default -> quote(out, value.toString());
    }
  }

  /** A string in quotes, escaped so that it may also stand in a page's script. */
  static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c == '<' || c == '\u2028' || c == '\u2029') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
