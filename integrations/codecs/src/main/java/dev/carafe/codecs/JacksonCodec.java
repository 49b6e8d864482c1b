package dev.carafe.codecs;

import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import tools.jackson.databind.ObjectMapper;

/**
 * Values as JSON, or whatever else the mapper writes, by Jackson 3.
 *
 * <p>Fields are known by their names: by Jackson's defaults those that a class does not have any
 * more are ignored, and those that are new are empty.
 *
 * @param <T> values
 */
public final class JacksonCodec<T> implements ArrayCodec<T> {
  private final Class<T> type;
  private final ObjectMapper mapper;

  /**
   * A codec.
   *
   * @param type of the values
   * @param mapper writes and reads them
   */
  public JacksonCodec(Class<T> type, ObjectMapper mapper) {
    this.type = type;
    this.mapper = mapper;
  }

  @Override
  public String fingerprint() {
    return "jackson/1 " + type.getName();
  }

  @Override
  public byte[] toArray(T value) {
    return mapper.writeValueAsBytes(value);
  }

  @Override
  public T decode(MemorySegment source) {
    try {
      return mapper.readValue(source.toArray(ValueLayout.JAVA_BYTE), type);
    } catch (RuntimeException e) {
      throw new UnreadableValueException(type, e);
    }
  }
}
