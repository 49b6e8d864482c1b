package dev.carafe.redis;

import static dev.carafe.redis.testing.RedisForTests.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.redis.testing.RedisForTests;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The values that are used most are compared before they are read. */
class CompareAheadTest extends NearServerTest {
  private static final int KEYS = 300;

  private List<String> fill() {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add("k" + i);
      other.set("k" + i, LONG + i);
    }
    return keys;
  }

  private CarafeNearCache<String, String> ahead(int values) {
    return near(builder -> builder.compareAhead(values));
  }

  private static long compared(CarafeNearCache<?, ?> near) {
    return near.stats().unchanged() + near.stats().changed();
  }

  @Test
  void afterARestart() throws Exception {
    List<String> keys = fill();
    try (var near = ahead(10_000)) {
      assertEquals(KEYS, near.getAll(keys).size());
    }
    other.set("k7", "changed");
    other.del("k8");
    var near = ahead(10_000);
    eventually("they are compared", () -> compared(near) == KEYS);
    assertEquals(0, near.stats().farHits() + near.stats().farMisses(), "reads of the server");
    assertEquals(1, near.near().tierStats().memory().puts(), "the changed one");
    for (int i = 0; i < KEYS; i++) {
      assertEquals(i == 7 ? "changed" : i == 8 ? null : LONG + i, near.get("k" + i));
    }
    assertEquals(KEYS - 1, near.stats().nearHits(), "k8 is gone, all others are near");
    assertEquals(2, near.stats().changed());
    assertEquals(0, near.stats().confirmedHits(), "none while a reader waited");
    assertEquals(KEYS - 1, near.near().estimatedSize(), "the list of keys is still there");
    other.set("k9", "changed");
    eventually("a compared value is tracked", () -> "changed".equals(near.get("k9")));
  }

  @Test
  void afterALoss() throws Exception {
    List<String> keys = fill();
    var near = ahead(KEYS / 3);
    assertEquals(KEYS, near.getAll(keys).size());
    RedisForTests.killTracking(other);
    other.set("k1", "changed");
    eventually("a third is compared", () -> compared(near) >= KEYS / 3);
    for (int i = 0; i < KEYS; i++) {
      assertEquals(i == 1 ? "changed" : LONG + i, near.get("k" + i));
    }
    assertEquals(KEYS, compared(near), "each value was compared once");
    assertTrue(near.stats().nearHits() >= KEYS / 3 - 1, () -> near.stats().toString());
  }

  /** A process that was killed has left no list. */
  @Test
  void withoutAListNothingIsCompared() throws Exception {
    List<String> keys = fill();
    try (var near = near()) {
      assertEquals(KEYS, near.getAll(keys).size());
    }
    var near = ahead(10_000);
    assertEquals(LONG + 1, near.get("k1"));
    assertEquals(1, compared(near));
    assertThrows(IllegalArgumentException.class, () -> ahead(-1));
  }

  /** Its entries are not served, even to one who knows their keys. */
  @Test
  void theListIsNoValue() throws Exception {
    List<String> keys = fill();
    try (var near = ahead(10_000)) {
      assertEquals(KEYS, near.getAll(keys).size());
    }
    var near = near();
    assertTrue(near.near().estimatedSize() > KEYS, "there is no list");
    assertNull(near.get("dev.carafe.redis.HotKeys/d0c95e6b7f24a813/0"));
  }

  @Test
  void theListIsBounded() throws Exception {
    List<String> keys = fill();
    String longKey = "l".repeat(2000); // too long for the list
    other.set(longKey, "1");
    try (var near = ahead(200)) {
      assertEquals(KEYS, near.getAll(keys).size());
      assertEquals("1", near.get(longKey));
    }
    Set<String> listed = new HashSet<>();
    new HotKeys(new NearTier(carafe(near()), 1), 0)
        .take()
        .forEach(key -> listed.add(new String(key.bytes(), StandardCharsets.UTF_8)));
    assertTrue(listed.size() == 199 || listed.size() == 200, () -> listed.size() + " keys");
    assertTrue(keys.containsAll(listed), () -> "others: " + listed);
  }

  @SuppressWarnings("unchecked")
  private static Carafe<byte[], NearValue> carafe(CarafeNearCache<?, ?> near) {
    return (Carafe<byte[], NearValue>) near.near();
  }
}
