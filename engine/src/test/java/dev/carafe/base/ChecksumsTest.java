package dev.carafe.base;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * CRC32C matches the published check values, so that files are portable (contract R3). A salt is
 * eight more bytes in front, little-endian. The tests therefore pass the first eight bytes of a
 * vector as the salt.
 */
final class ChecksumsTest {
  private static final int SALT_BYTES = 8;

  private static int crc32c(byte[] all) {
    long salt = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Checksums.crc32c(salt, MemorySegment.ofArray(all), SALT_BYTES, all.length - SALT_BYTES);
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] ascending(int first, int step) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (first + i * step);
    }
    return bytes;
  }

  @Test
  void theCheckValueOfTheCrcCatalogue() {
    assertEquals(0xE3069283, crc32c("123456789".getBytes(US_ASCII)));
  }

  @Test
  void theVectorsOfIscsi() { // RFC 3720, B.4
    assertEquals(0x8A9136AA, crc32c(filled(0)));
    assertEquals(0x62A8AB43, crc32c(filled(0xFF)));
    assertEquals(0x46DD794E, crc32c(ascending(0, 1)));
    assertEquals(0x113FDB5C, crc32c(ascending(31, -1)));
  }

  @Test
  void onlyTheGivenBytesAreCovered() {
    byte[] framed = "..abcdef..".getBytes(US_ASCII);
    int crc = Checksums.crc32c(7, MemorySegment.ofArray(framed), 2, 6);
    assertEquals(
        crc, Checksums.crc32c(7, MemorySegment.ofArray("abcdef".getBytes(US_ASCII)), 0, 6));
    framed[1] = 'x';
    framed[8] = 'x';
    assertEquals(crc, Checksums.crc32c(7, MemorySegment.ofArray(framed), 2, 6));
    framed[7] ^= 1;
    assertNotEquals(crc, Checksums.crc32c(7, MemorySegment.ofArray(framed), 2, 6));
  }

  @Test
  void equalBytesWithOtherSaltsDiffer() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[64]);
    int plain = Checksums.crc32c(0, bytes, 0, 64);
    for (int bit = 0; bit < Long.SIZE; bit++) {
      assertNotEquals(plain, Checksums.crc32c(1L << bit, bytes, 0, 64), "salt bit " + bit);
    }
  }
}
