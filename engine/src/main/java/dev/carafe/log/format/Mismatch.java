package dev.carafe.log.format;

import static dev.carafe.log.format.Fields.U8;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are not what they must be.
 *
 * @param offset where they begin: in bytes from the start of what was checked
 * @param expected what should stand there; of a checksum, the one that is stored
 * @param found what stands there; of a checksum, the one that the bytes have
 */
public record Mismatch(long offset, String expected, String found) {

  /** Magics are shown in the order of the file. */
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
   * @param bytes where it is
   * @param bytes where it begins
   * @param to where it ends
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
   * The same, counted from elsewhere.
   *
   * @param bytes where what was checked begins
   * @return a mismatch at another offset
   */
  public Mismatch shiftedBy(long bytes) {
    return new Mismatch(bytes + offset, expected, found);
  }
}
