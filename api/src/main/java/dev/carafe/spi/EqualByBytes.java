package dev.carafe.spi;

import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;

/**
 * A codec of immutable keys whose {@code equals} agrees with the equality of their bytes. A cache
 * wraps the keys of other codecs, and compares their bytes (contract R7).
 *
 * @param <T> the type that is encoded
 */
public interface EqualByBytes<T> extends Codec<T> {
  /**
   * Returns whether bytes are the encoding of a value. A cache calls it for each hit.
   *
   * @param value the value
   * @param memory holds the bytes, and is valid during the call
   * @param offset of the bytes in the memory
   * @param length how many bytes there are
   * @return whether {@link #encode} would write these bytes
   */
  default boolean isEncoding(T value, MemorySegment memory, long offset, int length) {
    if (encodedBytes(value) != length) {
      return false;
    }
    MemorySegment encoded = MemorySegment.ofArray(new byte[length]);
    encode(value, encoded);
    return encoded.mismatch(memory.asSlice(offset, length)) < 0;
  }
}
