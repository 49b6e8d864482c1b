package dev.carafe.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One line of JSON, written and read: maps, lists, strings, numbers and booleans. */
public final class JsonLine {
  private final String text;
  private int at;

  private JsonLine(String text) {
    this.text = text;
  }

  /**
   * Writes a value without a line feed.
   *
   * @param value maps, lists, numbers, booleans; anything else by its string
   * @return one line of JSON
   */
  public static String of(Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value);
    return out.toString();
  }

  /**
   * Reads an object.
   *
   * @param text a JSON object
   * @return its members in their order; whole numbers as Long, others as Double
   */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> parse(String text) {
    JsonLine reader = new JsonLine(text);
    Object value = reader.value();
    reader.space();
    if (!(value instanceof Map) || reader.at != text.length()) {
      throw reader.wrong("an object, and nothing after it");
    }
    return (Map<String, Object>) value;
  }

  private static void write(StringBuilder out, Object value) {
    switch (value) {
      case Map<?, ?> map -> {
        String comma = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(comma);
          Json.quote(out, String.valueOf(entry.getKey()));
          out.append(':');
          write(out, entry.getValue());
          comma = ",";
        }
        out.append(map.isEmpty() ? "{}" : "}");
      }
      case List<?> list -> {
        String comma = "[";
        for (Object element : list) {
          out.append(comma);
          write(out, element);
          comma = ",";
        }
        out.append(list.isEmpty() ? "[]" : "]");
      }
      case Double number -> out.append(Double.isFinite(number) ? number.toString() : "null");
      case Number number -> out.append(number);
      case Boolean bool -> out.append(bool);
      default -> Json.quote(out, value.toString());
    }
  }

  private Object value() {
    space();
    char c = at < text.length() ? text.charAt(at) : '\0';
    return switch (c) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", Double.NaN);
      default -> number();
    };
  }

  private Map<String, Object> object() {
    Map<String, Object> members = new LinkedHashMap<>();
    at++;
    space();
    while (text.charAt(at) != '}') {
      space();
      String name = string();
      space();
      expect(':');
      members.put(name, value());
      space();
      if (text.charAt(at) != '}') {
        expect(',');
      }
    }
    at++;
    return members;
  }

  private List<Object> array() {
    List<Object> elements = new ArrayList<>();
    at++;
    space();
    while (text.charAt(at) != ']') {
      elements.add(value());
      space();
      if (text.charAt(at) != ']') {
        expect(',');
      }
    }
    at++;
    return elements;
  }

  private String string() {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escaped = text.charAt(at++);
      switch (escaped) {
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'u' -> {
          out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
          at += 4;
        }
        default -> out.append(escaped);
      }
    }
    at++;
    return out.toString();
  }

  private Object word(String word, Object meaning) {
    if (!text.startsWith(word, at)) {
      throw wrong(word);
    }
    at += word.length();
    return meaning;
  }

  private Object number() {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String digits = text.substring(start, at);
    if (digits.isEmpty()) {
      throw wrong("a value");
    }
    boolean whole = digits.chars().noneMatch(c -> c == '.' || c == 'e' || c == 'E');
    return whole ? (Object) Long.valueOf(digits) : Double.valueOf(digits);
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private void expect(char c) {
    if (at >= text.length() || text.charAt(at) != c) {
      throw wrong("'" + c + "'");
    }
    at++;
  }

  private IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException(
        "this JSON has no " + expected + " at " + at + ": " + text.substring(0, Math.min(80, at)));
  }
}
