package dev.carafe.codecs;

import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;

/**
 * Values as JSON, or whatever else the mapper writes, by Jackson 3.
 *
 * <p>Fields are known by their names: by Jackson's defaults those that a class does not have any
 * more are ignored, and those that are new are empty.
 *
 * <p>JSON has no classes. A value of a subclass, or of an implementation of a declared interface,
 * is read back only if the JSON names its class, by {@code @JsonTypeInfo} on the declared type for
 * example. So the codec reads the first value of each class back when it is put, and the first
 * element of each class in a collection, map, array or {@code Optional}. It rejects the value with
 * an {@link IllegalArgumentException} if the JSON is unreadable or gives an object of another
 * class. A list, set or map that is declared as an interface comes back as another implementation
 * of it. The classes of fields are not compared: annotate the type of a field that holds
 * subclasses.
 *
 * @param <T> values
 */
public final class JacksonCodec<T> implements ArrayCodec<T> {
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
    this.readBack = new JsonReadBack(type, reader);
  }

  @Override
  public String fingerprint() {
    return "jackson/1 " + type.toCanonical();
  }

  @Override
  public byte[] toArray(T value) {
    DeclaredType.check(valueClass, value);
    byte[] json = writer.writeValueAsBytes(value);
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
}
