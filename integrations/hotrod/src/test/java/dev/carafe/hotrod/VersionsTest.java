package dev.carafe.hotrod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The set of versions. */
class VersionsTest {
  @Test
  void hasWhatWasAddedAndNothingElse() {
    long seed = Long.getLong("carafe.test.seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    Versions versions = new Versions(Integer.MAX_VALUE);
    Set<Long> added = new HashSet<>();
    for (int i = 0; i < 100_000; i++) {
      // Half of them begin at the same slots.
      long version = random.nextLong(Versions.LEAST, Long.MAX_VALUE) & (i % 2 - 1L | ~0xfff0L);
      versions.add(version);
      versions.add(version);
      added.add(version);
    }
    versions.freeze();
    assertEquals(added.size(), versions.size(), "seed " + seed);
    for (long version : added) {
      assertTrue(versions.contains(version), "seed " + seed);
      assertEquals(added.contains(version + 1), versions.contains(version + 1), "seed " + seed);
    }
  }

  @Test
  void versionsThatAreNotRandomAreNotBelieved() {
    Versions versions = new Versions(10);
    versions.add(0);
    versions.add(1);
    versions.add(-1);
    versions.add(Versions.LEAST - 1);
    versions.freeze();
    assertEquals(0, versions.size());
    assertFalse(versions.contains(0));
    assertFalse(versions.contains(1));
    assertFalse(versions.contains(-1));
  }

  @Test
  void furtherVersionsAreNotRemembered() {
    Versions versions = new Versions(2);
    versions.add(Versions.LEAST);
    versions.add(Versions.LEAST + 1);
    versions.add(Versions.LEAST + 2);
    versions.freeze();
    versions.add(Versions.LEAST + 3);
    assertTrue(versions.contains(Versions.LEAST));
    assertTrue(versions.contains(Versions.LEAST + 1));
    assertFalse(versions.contains(Versions.LEAST + 2));
    assertFalse(versions.contains(Versions.LEAST + 3));
  }
}
