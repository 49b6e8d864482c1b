package dev.carafe.codecs;

import dev.carafe.Codec;
import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import org.springframework.cache.support.NullValue;

/**
 * Encodes values of a Spring cache, including {@code NullValue.INSTANCE}. Spring puts this object
 * for a method that returned null, and recognizes only the same object as null. Another codec
 * encodes all other values. One more byte distinguishes the two cases.
 */
public sealed class NullValueCodec implements Codec<Object> {
  private static final byte NULL = 0;
  private static final byte VALUE = 1;

  final Codec<Object> values;

  private NullValueCodec(Codec<Object> values) {
    this.values = values;
  }

  /**
   * Creates a codec for Spring's null marker and all values of another codec.
   *
   * @param values encodes the values that are not null
   * @return a codec for the values of a Carafe in Spring's cache manager
   */
  @SuppressWarnings(
      "unchecked") // Spring's caches are of objects; a codec rejects what is not its own
  public static Codec<Object> of(Codec<?> values) {
    Codec<Object> objects = (Codec<Object>) Objects.requireNonNull(values, "values");
    return objects instanceof ArrayCodec<Object> arrays
        ? new OfArrays(arrays)
        : new NullValueCodec(objects);
  }

  @Override
  public String fingerprint() {
    return "spring-null/1 " + values.fingerprint();
  }

  @Override
  public int encodedBytes(Object value) {
    return value == NullValue.INSTANCE ? 1 : Math.addExact(values.encodedBytes(value), 1);
  }

  @Override
  public void encode(Object value, MemorySegment target) {
    long last = target.byteSize() - 1;
    if (value != NullValue.INSTANCE) {
      values.encode(value, target.asSlice(0, last));
    }
    target.set(ValueLayout.JAVA_BYTE, last, value == NullValue.INSTANCE ? NULL : VALUE);
  }

  @Override
  public Object decode(MemorySegment source) {
    long last = source.byteSize() - 1;
    int mark = last < 0 ? -1 : source.get(ValueLayout.JAVA_BYTE, last);
    if (mark == VALUE) {
      return values.decode(source.asSlice(0, last));
    }
    if (mark == NULL && last == 0) {
      return NullValue.INSTANCE;
    }
    throw new UnreadableValueException(
        NullValue.class, new IllegalArgumentException("the last byte is " + mark));
  }

  /** Encodes once, for codecs that learn the length by encoding. */
  private static final class OfArrays extends NullValueCodec implements ArrayCodec<Object> {
    private final ArrayCodec<Object> arrays;

    OfArrays(ArrayCodec<Object> arrays) {
      super(arrays);
      this.arrays = arrays;
    }

    @Override
    public byte[] toArray(Object value) {
      if (value == NullValue.INSTANCE) {
        return new byte[] {NULL};
      }
      byte[] bytes = arrays.toArray(value);
      byte[] marked = Arrays.copyOf(bytes, Math.addExact(bytes.length, 1));
      marked[bytes.length] = VALUE;
      return marked;
    }

    @Override
    public int encodedBytes(Object value) {
      return ArrayCodec.super.encodedBytes(value);
    }

    @Override
    public void encode(Object value, MemorySegment target) {
      ArrayCodec.super.encode(value, target);
    }
  }
}
