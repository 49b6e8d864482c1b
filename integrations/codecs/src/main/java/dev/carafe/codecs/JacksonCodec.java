package dev.carafe.codecs;

import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.type.TypeFactory;

/**
 * Values as JSON, or whatever else the mapper writes, by Jackson 3. For Jackson 2 there is {@link
 * Jackson2Codec}.
 *
 * <p>Fields are known by their names: by Jackson's defaults those that a class does not have any
 * more are ignored, and those that are new are empty.
 *
 * <p>JSON has no classes. A value of a subclass, or of an implementation of a declared interface,
 * is read back only if the JSON names its class, by {@code @JsonTypeInfo} on the declared type for
 * example. So {@code put} reads a value back if it has an object of a class that was not yet read
 * back in the same place. A place is the value itself, a field, or an element of the collection,
 * map, array or {@code Optional} that is there. The value is rejected with an {@link
 * IllegalArgumentException} unless its JSON is readable and gives
 *
 * <ul>
 *   <li>objects of the same classes in all places; where a list, set or map is declared as an
 *       interface or as {@code Object}, any implementation of it,
 *   <li>equal objects of the JDK's classes, and equal enums, where the class defines {@code
 *       equals},
 *   <li>in the fields of other classes what was there, null or not, unless the class defines {@code
 *       equals} and finds the two objects equal.
 * </ul>
 *
 * <p>Not compared are fields that are static, transient, annotated with {@code @JsonIgnore} or in a
 * module that does not open its package; fields of collections and maps; and what a class of the
 * JDK that defines no {@code equals} refers to. A class that came back once in a place is not read
 * back there again, so a serializer must not lose single values of a class.
 *
 * @param <T> values
 */
public final class JacksonCodec<T> implements ArrayCodec<T> {
  private static final JsonFields FIELDS =
      new JsonFields(type -> new Resolved(TypeFactory.createDefaultInstance().constructType(type)));

  private final JavaType type;
  private final Class<?> valueClass;
  private final ObjectWriter writer;
  private final ObjectReader reader;
  private final JsonReadBack readBack;

  /**
   * A codec of a class without type parameters.
   *
   * @param type of the values
   * @param mapper writes and reads them
   */
  public JacksonCodec(Class<T> type, ObjectMapper mapper) {
    this(mapper.constructType(type), mapper);
  }

  /**
   * A codec of a type with parameters, such as {@code new TypeReference<List<Order>>() {}}.
   *
   * @param type of the values
   * @param mapper writes and reads them
   */
  public JacksonCodec(TypeReference<T> type, ObjectMapper mapper) {
    this(mapper.constructType(type), mapper);
  }

  /**
   * A codec of a type that is known at run time only.
   *
   * @param type of the values, which must be {@code T}
   * @param mapper writes and reads them
   */
  public JacksonCodec(JavaType type, ObjectMapper mapper) {
    this.type = type;
    this.valueClass = DeclaredType.wrapped(type.getRawClass());
    this.writer = mapper.writerFor(type);
    this.reader = mapper.readerFor(type);
    this.readBack = new JsonReadBack(new Resolved(type), FIELDS, JsonNode.class, reader::readValue);
  }

  @Override
  public String fingerprint() {
    return "jackson/1 " + type.toCanonical();
  }

  @Override
  public byte[] toArray(T value) {
    DeclaredType.check(valueClass, value);
    byte[] json;
    try {
      json = writer.writeValueAsBytes(value);
    } catch (RuntimeException e) {
      throw readBack.unwritable(value, e);
    }
    readBack.check(value, json);
    return json;
  }

  @Override
  public T decode(MemorySegment source) {
    try {
      return reader.readValue(source.toArray(ValueLayout.JAVA_BYTE));
    } catch (RuntimeException e) {
      throw new UnreadableValueException(valueClass, e);
    }
  }

  private record Resolved(JavaType type) implements JsonType {
    @Override
    public Class<?> rawClass() {
      return type.getRawClass();
    }

    @Override
    public JsonType content() {
      return orObject(type.getContentType());
    }

    @Override
    public JsonType key() {
      return orObject(type.getKeyType());
    }

    @Override
    public String canonicalName() {
      return type.toCanonical();
    }

    private static JsonType orObject(@Nullable JavaType inner) {
      return new Resolved(inner == null ? TypeFactory.unknownType() : inner);
    }
  }
}
