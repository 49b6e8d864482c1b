package dev.carafe.base;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/** CRC32C for what is stored: an intrinsic of the JVM; nothing faster was found at any size. */
public final class Checksums {
  private Checksums() {}

  /**
   * A CRC32C over a salt and some bytes.
   *
   * @param salt makes equal bytes in different places differ
   * @param bytes what is checked
   * @param fromByte where it begins
   * @param count how many bytes
   * @return the checksum
   */
  public static int crc32c(long salt, MemorySegment bytes, long fromByte, long count) {
    CRC32C crc = new CRC32C();
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      crc.update((int) (salt >>> shift) & 0xFF);
    }
    crc.update(bytes.asSlice(fromByte, count).asByteBuffer());
    return (int) crc.getValue();
  }
}
