package dev.carafe.log.format;

import static dev.carafe.log.format.Fields.U8;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that differ from the expected content.
 *
 * @param offset of the bytes, from the start of the checked memory
 * @param expected the expected content; of a checksum, the stored one
 * @param found the content; of a checksum, the computed one
 */
public record Mismatch(long offset, String expected, String found) {

  /** Describes a wrong magic. Magics are shown in file order. */
  static Mismatch ofMagic(String what, long expected, long found) {
    return new Mismatch(
        0,
        String.format("%s with magic %016x", what, Long.reverseBytes(expected)),
        String.format("%016x", Long.reverseBytes(found)));
  }

  static @Nullable Mismatch ofChecksum(long offset, String what, int stored, int computed) {
    return stored == computed
        ? null
        : new Mismatch(
            offset,
            String.format("%s with checksum 0x%08x", what, stored),
            String.format("bytes with checksum 0x%08x", computed));
  }

  /**
   * Checks padding.
   *
   * @param bytes the memory
   * @param from the start of the padding
   * @param to the end of the padding
   * @return its first byte that is not zero, or null
   */
  public static @Nullable Mismatch ofPadding(MemorySegment bytes, long from, long to) {
    for (long at = from; at < to; at++) {
      byte found = bytes.get(U8, at);
      if (found != 0) {
        return new Mismatch(at, "zeros", String.format("0x%02x", found));
      }
    }
    return null;
  }

  /**
   * Returns the mismatch with an offset from another start.
   *
   * @param bytes the offset of the checked memory from that start
   * @return the changed mismatch
   */
  public Mismatch shiftedBy(long bytes) {
    return new Mismatch(bytes + offset, expected, found);
  }
}
