package dev.carafe.codecs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.type.TypeFactory;
import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Values as JSON, or whatever else the mapper writes, by Jackson 2. For Jackson 3 there is {@link
 * JacksonCodec}, which can't open the files of this one: the defaults of the two differ.
 *
 * <p>{@code put} rejects the same values as there, with the same {@link IllegalArgumentException}:
 * those that come back from their JSON as something else, or not at all.
 *
 * <p>Fields are known by their names. By Jackson 2's defaults a value with a field that its class
 * does not have any more is taken for a miss; without {@code FAIL_ON_UNKNOWN_PROPERTIES} the field
 * is ignored. Fields that are new are empty. The classes of {@code java.time} need {@code
 * JavaTimeModule} and {@code Optional} needs {@code Jdk8Module}; without them {@code put} rejects
 * them.
 *
 * @param <T> values
 */
public final class Jackson2Codec<T> implements ArrayCodec<T> {
  private static final JsonFields FIELDS =
      new JsonFields(type -> new Resolved(TypeFactory.defaultInstance().constructType(type)));

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
  public Jackson2Codec(Class<T> type, ObjectMapper mapper) {
    this(mapper.constructType(type), mapper);
  }

  /**
   * A codec of a type with parameters, such as {@code new TypeReference<List<Order>>() {}}.
   *
   * @param type of the values
   * @param mapper writes and reads them
   */
  public Jackson2Codec(TypeReference<T> type, ObjectMapper mapper) {
    this(mapper.constructType(type), mapper);
  }

  /**
   * A codec of a type that is known at run time only.
   *
   * @param type of the values, which must be {@code T}
   * @param mapper writes and reads them
   */
  public Jackson2Codec(JavaType type, ObjectMapper mapper) {
    this.type = type;
    this.valueClass = DeclaredType.wrapped(type.getRawClass());
    this.writer = mapper.writerFor(type);
    this.reader = mapper.readerFor(type);
    this.readBack = new JsonReadBack(new Resolved(type), FIELDS, JsonNode.class, reader::readValue);
  }

  @Override
  public String fingerprint() {
    return "jackson2/1 " + type.toCanonical();
  }

  @Override
  public byte[] toArray(T value) {
    DeclaredType.check(valueClass, value);
    byte[] json;
    try {
      json = writer.writeValueAsBytes(value);
    } catch (JsonProcessingException | RuntimeException e) {
      throw readBack.unwritable(value, e);
    }
    readBack.check(value, json);
    return json;
  }

  @Override
  public T decode(MemorySegment source) {
    try {
      return reader.readValue(source.toArray(ValueLayout.JAVA_BYTE));
    } catch (IOException | RuntimeException e) {
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
