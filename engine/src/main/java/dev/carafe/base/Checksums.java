package dev.carafe.base;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;
import net.jpountz.xxhash.XXHash64;
import net.jpountz.xxhash.XXHashFactory;

/**
 * CRC32C for what is stored (an intrinsic of the JVM; nothing faster was found at any size) and
 * XXH64 for naming keys.
 */
public final class Checksums {
  private static final XXHash64 XXH64 = XXHashFactory.safeInstance().hash64();

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

  /**
   * A 64-bit hash.
   *
   * @param bytes what is hashed
   * @param seed makes the hashes of different files differ
   * @return XXH64
   */
  public static long hash64(MemorySegment bytes, long seed) {
    byte[] array = bytes.toArray(ValueLayout.JAVA_BYTE);
    return XXH64.hash(array, 0, array.length, seed);
  }
}
