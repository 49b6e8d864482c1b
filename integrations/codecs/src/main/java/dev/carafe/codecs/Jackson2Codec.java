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
 * Encodes values as JSON, or another format of the mapper, by Jackson 2. {@link JacksonCodec} is
 * for Jackson 3. It can't open files of this codec, since the defaults of the two versions differ.
 *
 * <p>{@code put} rejects the same values as {@link JacksonCodec}, with an {@link
 * IllegalArgumentException}: those that can't be decoded, or are decoded as another object.
 *
 * <p>Fields are matched by name. By the defaults of Jackson 2, a value with a field that was
 * removed from its class is a miss; without {@code FAIL_ON_UNKNOWN_PROPERTIES} the field is
 * ignored. New fields are empty. The classes of {@code java.time} need {@code JavaTimeModule} and
 * {@code Optional} needs {@code Jdk8Module}; without these modules, {@code put} rejects the values.
 *
 * @param <T> values
 */
@SuppressWarnings("exports") // a program that uses it requires the module of Jackson
public final class Jackson2Codec<T> implements ArrayCodec<T> {
  private static final JsonFields FIELDS =
      new JsonFields(type -> new Resolved(TypeFactory.defaultInstance().constructType(type)));

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
  public Jackson2Codec(Class<T> type, ObjectMapper mapper) {
    this(mapper.constructType(type), mapper);
  }

  /**
   * Creates a codec of a type with parameters, such as {@code new TypeReference<List<Order>>() {}}.
   *
   * @param type the type of the values
   * @param mapper writes and reads the values
   */
  public Jackson2Codec(TypeReference<T> type, ObjectMapper mapper) {
    this(mapper.constructType(type), mapper);
  }

  /**
   * Creates a codec of a type that is known only at run time.
   *
   * @param type the type of the values, which must be {@code T}
   * @param mapper writes and reads the values
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
