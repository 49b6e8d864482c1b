package dev.carafe.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.redis.NearChanges.Changed;
import dev.carafe.redis.NearChanges.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Changes that depend on the value that a real server has. JCache's tests have more of them. */
class NearChangesTest extends NearServerTest {
  @Test
  void aComputationIsRepeatedIfAnotherClientChangesTheKey() {
    var near = near();
    other.set("a", "1");
    assertEquals("1", near.get("a"));
    List<String> seen = new ArrayList<>();
    assertTrue(
        near.changes()
            .compute(
                "a",
                old -> {
                  seen.add(String.valueOf(old));
                  if (seen.size() == 1) {
                    other.set("a", "2");
                  } else if (seen.size() == 2) {
                    other.del("a");
                  }
                  return Step.set(old + "+");
                }));
    assertEquals(List.of("1", "2", "null"), seen);
    assertEquals("null+", other.get("a"));
    assertEquals("null+", near.get("a"));
    assertFalse(near.changes().compute("a", old -> Step.none()));
    assertTrue(near.changes().compute("a", old -> Step.remove()));
    assertFalse(near.changes().compute("a", old -> Step.remove()));
    assertEquals(0, other.dbsize());
  }

  @Test
  void aRefusedChangeKeepsTheNearValue() {
    var near = near();
    other.set("a", "1");
    assertEquals("1", near.get("a"));
    long farHits = near.stats().farHits();
    assertFalse(near.changes().putIfAbsent("a", "2"));
    assertEquals(new Changed<>("1", false), near.changes().replace("a", "2", "3"));
    assertEquals(new Changed<>("1", false), near.changes().remove("a", "2"));
    assertEquals("1", near.get("a"));
    assertEquals(farHits, near.stats().farHits(), "read again from the server");
    assertEquals(new Changed<>("1", true), near.changes().replace("a", "1", "2"));
    assertEquals("2", near.get("a"));
  }

  @Test
  void theLifetimeDependsOnWhetherTheServerHasAValue() {
    var near = near(builder -> builder.lifetimes(() -> new Lifetimes(3_600_000, 0)));
    near.put("a", "1");
    assertTrue(other.pttl("a") > 3_500_000);
    near.put("a", "2");
    assertNull(other.get("a"), "an update that is not kept");
    assertEquals(2, near.changes().putAll(Map.of("a", "3", "b", "4")));
    assertEquals(2, near.changes().removeAll(List.of("a", "b", "c")));
    assertThrows(IllegalArgumentException.class, () -> new Lifetimes(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Lifetimes(0, -2));
    assertThrows(
        IllegalStateException.class,
        () ->
            near(builder ->
                builder.timeToLive(Duration.ofSeconds(1)).lifetimes(() -> new Lifetimes(1, 1))));
  }

  @Test
  void aLoadThatIsNotKeptIsReturned() {
    var near = near(builder -> builder.lifetimes(() -> new Lifetimes(0, Lifetimes.UNCHANGED)));
    assertEquals("loaded", near.get("a", key -> "loaded"));
    assertNull(near.putIfAbsent("a", "1"));
    assertEquals(0, other.dbsize());
    other.set("a", "2");
    near.put("a", "3");
    assertEquals("3", other.get("a"));
    assertFalse(near.changes().put("b", "1"));
  }
}
