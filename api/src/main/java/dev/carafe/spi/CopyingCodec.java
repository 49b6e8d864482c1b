package dev.carafe.spi;

import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;

/**
 * Marks a codec that copies what it decodes, and neither keeps the memory that it reads nor passes
 * it on. A cache lets the built-in codecs read its own memory, without a view that ends with the
 * call. It passes to other codecs a view of exactly their bytes.
 *
 * @param <T> the type that is encoded
 */
public interface CopyingCodec<T> extends Codec<T> {
  /**
   * Decodes a value, as {@link Codec#decode} does.
   *
   * @param memory holds the bytes, which do not change during the call
   * @param offset of the bytes in the memory
   * @param length how many bytes there are
   * @return the value, which does not refer to the memory
   */
  T decode(MemorySegment memory, long offset, int length);

  @Override
  default T decode(MemorySegment source) {
    return decode(source, 0, Math.toIntExact(source.byteSize()));
  }
}
