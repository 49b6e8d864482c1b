package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.tier.KeyHasher;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Keys with chosen hashes are spread over the locks (contract S2). */
final class KeyLocksTest {
  private static final int KEYS = 4096;

  private static int locksOf(IntFunction<Object> keys) {
    KeyLocks locks = new KeyLocks(1024, new KeyHasher());
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < KEYS; i++) {
      seen.add(locks.index(keys.apply(i)));
      assertEquals(locks.index(keys.apply(i)), locks.index(keys.apply(i)));
    }
    return seen.size();
  }

  @Test
  void longsOfEqualHashCodeUseManyLocks() { // S2
    assertEquals(Long.hashCode(0), Long.hashCode(5L << 32 | 5));
    assertTrue(locksOf(i -> (long) i << 32 | i) > 500);
  }

  @Test
  void uuidsOfEqualHashCodeUseManyLocks() { // S2
    assertEquals(new UUID(0, 0).hashCode(), new UUID(7, 7).hashCode());
    assertTrue(locksOf(i -> new UUID(i, i)) > 500);
  }

  @Test
  void equidistantNumbersUseAlmostAllLocks() { // 95 %
    for (int shift = 0; shift < 20; shift++) {
      int bits = shift;
      assertTrue(locksOf(i -> i << bits) > 972, "steps of 2^" + shift);
      assertTrue(locksOf(i -> (long) i << (bits + 32)) > 972, "steps of 2^" + (shift + 32));
    }
  }

  @Test
  void mappingDependsOnTheSecretsOfTheCache() { // S2
    KeyLocks one = new KeyLocks(1024, new KeyHasher());
    KeyLocks other = new KeyLocks(1024, new KeyHasher());
    int shared = 0;
    int sharedInBoth = 0;
    for (int i = 1; i < 100_000; i++) {
      if (one.index(i) == one.index(0)) {
        shared++;
        sharedInBoth += other.index(i) == other.index(0) ? 1 : 0;
      }
    }
    assertTrue(sharedInBoth <= shared / 2, sharedInBoth + " of " + shared);
  }
}
