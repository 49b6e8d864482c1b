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
 * Encodes values as JSON, or another format of the mapper, by Jackson 3. {@link Jackson2Codec} is
 * for Jackson 2.
 *
 * <p>Fields are matched by name. By Jackson's defaults, removed fields are ignored, and new fields
 * are empty.
 *
 * <p>JSON does not name classes. A value of a subclass, or of an implementation of a declared
 * interface, can be decoded only if the JSON names its class, for example by {@code @JsonTypeInfo}
 * on the declared type. Therefore {@code put} reads a value back if a place in it has an object of
 * a class for the first time. A place is the value itself, a field, or an element of the
 * collection, map, array or {@code Optional} in a place. {@code put} rejects the value with an
 * {@link IllegalArgumentException} unless its JSON can be decoded and the result has
 *
 * <ul>
 *   <li>objects of the same classes in all places; for a list, set or map that is declared as an
 *       interface or as {@code Object}, any implementation of it,
 *   <li>equal enums, and equal objects of JDK classes that define {@code equals},
 *   <li>in the fields of other classes, objects where the value has objects, and null where it has
 *       null, unless the class defines {@code equals} and the two objects are equal.
 * </ul>
 *
 * <p>These are not compared: fields that are static, transient, annotated with {@code @JsonIgnore}
 * or in a module that does not open its package; fields of collections and maps; and objects that
 * JDK classes without {@code equals} refer to. A class that was read back once in a place is not
 * read back there again, so a serializer must not lose single values of a class.
 *
 * @param <T> values
 */
@SuppressWarnings("exports") // a program that uses it requires the module of Jackson
public final class JacksonCodec<T> implements ArrayCodec<T> {
  private static final JsonFields FIELDS =
      new JsonFields(type -> new Resolved(TypeFactory.createDefaultInstance().constructType(type)));

  private final JavaType type;
  private final Class<?> valueClass;
  private final ObjectWriter writer;
  private final ObjectReader reader;
  private final JsonReadBack readBack;

  /**
   * Creates a codec of a class without type parameters.
   *
   * @param type the type of the values
   * @param mapper writes and reads the values
   */
  public JacksonCodec(Class<T> type, ObjectMapper mapper) {
    this(mapper.constructType(type), mapper);
  }

  /**
   * Creates a codec of a type with parameters, such as {@code new TypeReference<List<Order>>() {}}.
   *
   * @param type the type of the values
   * @param mapper writes and reads the values
   */
  public JacksonCodec(TypeReference<T> type, ObjectMapper mapper) {
    this(mapper.constructType(type), mapper);
  }

  /**
   * Creates a codec of a type that is known only at run time.
   *
   * @param type the type of the values, which must be {@code T}
   * @param mapper writes and reads the values
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
