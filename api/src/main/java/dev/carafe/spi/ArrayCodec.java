package dev.carafe.spi;

import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A codec that must encode a value to determine its length. The engine calls {@link #toArray} once
 * and copies the bytes, instead of encoding twice.
 *
 * @param <T> the type that is encoded
 */
public interface ArrayCodec<T> extends Codec<T> {
  /**
   * Encodes a value.
   *
   * @param value the value to be encoded
   * @return its bytes, not changed by the caller
   */
  byte[] toArray(T value);

  @Override
  default int encodedBytes(T value) {
    return toArray(value).length;
  }

  @Override
  default void encode(T value, MemorySegment target) {
    byte[] bytes = toArray(value);
    MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
  }
}
