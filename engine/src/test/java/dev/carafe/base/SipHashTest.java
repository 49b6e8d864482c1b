package dev.carafe.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Compares SipHash with the vectors of its authors and with a plain form of its definition. */
final class SipHashTest {
  private static final long SECRET_0 = 0x0706050403020100L;
  private static final long SECRET_1 = 0x0F0E0D0C0B0A0908L;

  /** SipHash-1-3 of the bytes 0, 1, 2 … of each length from 0 on, by the authors' program. */
  private static final long[] VECTORS = {
    0xABAC0158050FC4DCL, 0xC9F49BF37D57CA93L, 0x82CB9B024DC7D44DL,
    0x8BF80AB8E7DDF7FBL, 0xCF75576088D38328L, 0xDEF9D52F49533B67L,
    0xC50D2B50C59F22A7L, 0xD3927D989BB11140L, 0x369095118D299A8EL,
    0x25A48EB36C063DE4L, 0x79DE85EE92FF097FL, 0x70C118C1F94DC352L,
    0x78A384B157B4D9A2L, 0x306F760C1229FFA7L, 0x605AA111C0F95D34L,
    0xD320D86D2A519956L, 0xCC4FDD1A7D908B66L, 0x9CF2689063DBD80CL,
    0x8FFC389CB473E63EL, 0xF21F9DE58D297D1CL, 0xC0DC2F46A6CCE040L,
    0xB992ABFE2B45F844L, 0x7FFE7B9BA320872EL, 0x525A0E7FDAE6C123L,
    0xF464AEB267349C8CL
  };

  private static byte[] counting(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  @Test
  void matchesTheVectorsOfTheAuthors() {
    SipHash hash = new SipHash(SECRET_0, SECRET_1);
    for (int length = 0; length < VECTORS.length; length++) {
      assertEquals(VECTORS[length], hash.hash64(counting(length)), "of " + length + " bytes");
    }
  }

  /** The definition, word by word, with any number of rounds. */
  private static long[] defined(byte[] bytes, int rounds, int finalRounds, boolean wide) {
    long[] v = {
      SECRET_0 ^ 0x736F6D6570736575L,
      SECRET_1 ^ 0x646F72616E646F6DL ^ (wide ? 0xEE : 0),
      SECRET_0 ^ 0x6C7967656E657261L,
      SECRET_1 ^ 0x7465646279746573L
    };
    byte[] padded = Arrays.copyOf(bytes, bytes.length / 8 * 8 + 8);
    padded[padded.length - 1] = (byte) bytes.length;
    for (int at = 0; at < padded.length; at += 8) {
      long word = 0;
      for (int i = 7; i >= 0; i--) {
        word = word << 8 | (padded[at + i] & 0xFF);
      }
      v[3] ^= word;
      rounds(v, rounds);
      v[0] ^= word;
    }
    v[2] ^= wide ? 0xEE : 0xFF;
    rounds(v, finalRounds);
    long first = v[0] ^ v[1] ^ v[2] ^ v[3];
    v[1] ^= 0xDD;
    rounds(v, finalRounds);
    return new long[] {first, v[0] ^ v[1] ^ v[2] ^ v[3]};
  }

  private static void rounds(long[] v, int rounds) {
    for (int i = 0; i < rounds; i++) {
      half(v, 0, 1, 13, 2, 3, 16);
      half(v, 2, 1, 17, 0, 3, 21);
    }
  }

  private static void half(long[] v, int a, int b, int rotateB, int c, int d, int rotateD) {
    v[a] += v[b];
    v[b] = Long.rotateLeft(v[b], rotateB) ^ v[a];
    v[a] = Long.rotateLeft(v[a], 32);
    v[c] += v[d];
    v[d] = Long.rotateLeft(v[d], rotateD) ^ v[c];
  }

  @Test
  void matchesBothWordsOfTheDefinition() {
    assertEquals(0xA129CA6149BE45E5L, defined(counting(15), 2, 4, false)[0]); // of the paper
    long[] wide = defined(counting(0), 2, 4, true); // of the authors, bytes of the output in order
    assertEquals(0xE6A825BA047F81A3L, wide[0]);
    assertEquals(0x930255C71472F66DL, wide[1]);
    SipHash hash = new SipHash(SECRET_0, SECRET_1);
    SplittableRandom random = new SplittableRandom(1);
    long[] second = {0};
    for (int length = 0; length < 300; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      assertEquals(defined(bytes, 1, 3, false)[0], hash.hash64(bytes));
      long[] expected = defined(bytes, 1, 3, true);
      assertEquals(expected[0], hash.hash128(bytes, second));
      assertEquals(expected[1], second[0]);
    }
  }

  @Test
  void dependsOnTheSecret() { // S2
    byte[] bytes = counting(20);
    long hash = new SipHash(SECRET_0, SECRET_1).hash64(bytes);
    assertNotEquals(hash, new SipHash(SECRET_0 ^ 1, SECRET_1).hash64(bytes));
    assertNotEquals(hash, new SipHash(SECRET_0, SECRET_1 ^ 1L << 63).hash64(bytes));
    assertNotEquals(SipHash.random().hash64(bytes), SipHash.random().hash64(bytes));
  }
}
