package dev.carafe.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rounding is exact at and around the borders, also where an int would overflow. */
final class BitsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 512, 0, 0",
    "1, 512, 512, 0",
    "511, 512, 512, 0",
    "512, 512, 512, 512",
    "513, 512, 1024, 512",
    "7, 1, 7, 7",
    "10, 3, 12, 9",
    "4294967297, 4096, 4294971392, 4294967296",
    "9223372036854771712, 4096, 9223372036854771712, 9223372036854771712",
  })
  void aMultipleOnEitherSide(long value, long unit, long up, long down) {
    assertEquals(up, Bits.roundUp(value, unit));
    assertEquals(down, Bits.roundDown(value, unit));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "2, 2",
    "3, 4",
    "4, 4",
    "5, 8",
    "1000, 1024",
    "536870913, 1073741824",
    "1073741824, 1073741824",
  })
  void theNextPowerOfTwo(int value, int power) {
    assertEquals(power, Bits.ceilPow2(value));
  }

  @Test
  void aPowerOfTwoIsItsOwn() {
    for (int shift = 0; shift <= 30; shift++) {
      int power = 1 << shift;
      assertEquals(power, Bits.ceilPow2(power));
      assertTrue(power < 4 || Bits.ceilPow2(power - 1) == power, "below " + power);
    }
  }
}
