package dev.carafe.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.type.TypeReference;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** Reads and writes JSON objects as maps, with Jackson. */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_LONG_FOR_INTS)
          .addModule(new SimpleModule().addSerializer(Double.class, new DoubleSerializer()))
          .build();
  private static final ObjectWriter PRETTY = MAPPER.writer().with(prettyPrinter());
  private static final TypeReference<LinkedHashMap<String, Object>> OBJECT =
      new TypeReference<>() {};

  private Json() {}

  /** Writes NaN and infinity, which JSON does not have, as null. */
  private static final class DoubleSerializer extends StdSerializer<Double> {
    DoubleSerializer() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator out, SerializationContext context) {
      if (Double.isFinite(value)) {
        out.writeNumber(value.doubleValue());
      } else {
        out.writeNull();
      }
    }
  }

  private static DefaultPrettyPrinter prettyPrinter() {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    Separators separators =
        Separators.createDefaultInstance()
            .withObjectNameValueSpacing(Separators.Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");
    return new DefaultPrettyPrinter(separators)
        .withObjectIndenter(indenter)
        .withArrayIndenter(indenter);
  }

  /**
   * Writes an object with indentation.
   *
   * @param object the members
   * @return JSON, ended by a line feed
   */
  public static String pretty(Map<String, ?> object) {
    return PRETTY.writeValueAsString(object) + "\n";
  }

  /**
   * Writes an object as one line.
   *
   * @param object the members
   * @return JSON without a line feed
   */
  public static String line(Map<String, ?> object) {
    return MAPPER.writeValueAsString(object);
  }

  /**
   * Reads an object.
   *
   * @param text a JSON object
   * @return the members in the order of the text, without those that are null; integers as Long,
   *     other numbers as Double
   * @throws JacksonException if the text is not a JSON object
   */
  public static Map<String, Object> parse(String text) {
    Map<String, Object> members = MAPPER.readValue(text, OBJECT);
    members.values().removeIf(Objects::isNull);
    return members;
  }
}
