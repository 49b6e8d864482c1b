package dev.carafe.bench.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.carafe.bench.Trace;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables of a grid for a loop over four keys, which LRU never hits in a smaller memory. */
class PolicyGridTest {
  private static PolicyGrid grid() {
    int rounds = 1000;
    byte[] ops = new byte[4 * rounds];
    int[] ids = new int[ops.length];
    int[] sizes = new int[ops.length];
    for (int i = 0; i < ops.length; i++) {
      ids[i] = i % 4;
      sizes[i] = 100;
    }
    return PolicyGrid.of("loop", Trace.of(4, ops, ids, sizes), List.of(50.0, 100.0));
  }

  @Test
  void hasARowPerPolicyAndAColumnPerMemorySize() {
    List<String> lines = grid().table().lines().toList();
    assertEquals("loop: 4,000 requests, 4 keys, 400 bytes", lines.get(1));
    assertEquals("  no file                                 50 %           100 %", lines.get(2));
    assertEquals("    lru                            0.00           99.90", lines.get(3));
    assertEquals(
        "    lru                           99.90 (100)     99.90 (0)",
        lines.get(2 + 2 * (1 + PolicyKind.values().length) + 1));
  }

  @Test
  void halvesHaveSeparateKeys() {
    int[] ids = {0, 1, 0, 2, 1, 2};
    Trace trace = Trace.of(3, new byte[6], ids, new int[] {5, 6, 5, 7, 6, 7});
    List<Trace> halves = TraceHalves.of(trace);
    assertEquals(2, halves.getFirst().keyCount());
    assertEquals(11, halves.getFirst().uniqueBytes());
    assertEquals(3, halves.getLast().requests());
    assertEquals(13, halves.getLast().uniqueBytes(), "keys 2 and 1");
  }

  @Test
  void regretIsTheDifferenceToTheBest() {
    String table = PolicyGrid.regretTable(List.of(grid()));
    List<String> lines = table.lines().toList();
    assertEquals(
        "difference to the best of the first five policies in each setting, in points",
        lines.get(1));
    assertEquals(3 + PolicyKind.values().length, lines.size());
  }
}
