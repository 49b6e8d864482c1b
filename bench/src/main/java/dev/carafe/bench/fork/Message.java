package dev.carafe.bench.fork;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A map as one line of text, for the parent process and its forked JVMs. It uses serialization and
 * Base64 of the JDK instead of JSON, to keep a JSON library off the class path of a contender.
 */
public final class Message {
  private static final ObjectInputFilter FILTER =
      ObjectInputFilter.Config.createFilter("java.base/*;!*");

  private Message() {}

  /**
   * Encodes a map.
   *
   * @param map strings, numbers, booleans, lists and maps by name
   * @return one line of ASCII characters
   */
  public static String encode(Map<String, ?> map) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new LinkedHashMap<>(map));
    } catch (IOException e) {
      throw new IllegalArgumentException("a value can't be serialized: " + map, e);
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  /**
   * Decodes a map.
   *
   * @param line the result of {@link #encode}
   * @return the map
   */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> decode(String line) {
    byte[] bytes = Base64.getDecoder().decode(line);
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      in.setObjectInputFilter(FILTER);
      return (HashMap<String, Object>) in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalArgumentException("not a message: " + line, e);
    }
  }
}
