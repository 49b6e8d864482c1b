package dev.carafe.bench.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.bench.Trace;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is written to a file that is shorter than a loop, and to one that holds all values. */
class AdmissionGridTest {
  private static final int ROWS = 1 + AdmissionKind.values().length;

  private static Trace loop(int keys, int rounds) {
    byte[] ops = new byte[keys * rounds];
    int[] ids = new int[ops.length];
    int[] sizes = new int[ops.length];
    for (int i = 0; i < ops.length; i++) {
      ids[i] = i % keys;
      sizes[i] = 100;
    }
    return Trace.of(keys, ops, ids, sizes);
  }

  private static AdmissionGrid grid() {
    return AdmissionGrid.of("loop", loop(1000, 100), List.of(5.0, 10.0));
  }

  @Test
  void hasARowForEachChoiceAndAColumnForEachMemorySize() {
    List<String> lines = grid().table().lines().toList();
    assertEquals("loop: 100,000 requests, 1,000 keys, 100,000 bytes", lines.get(1));
    assertEquals(2 + 2 * ROWS, lines.size());
    assertTrue(lines.get(3).matches(" {4}every miss .* \\(100\\) +.* \\(100\\)"), lines.get(3));
    String all = lines.get(2 + ROWS + 1);
    assertTrue(all.matches(" {4}every miss +99\\.00 \\(100\\) +99\\.00 \\(100\\)"), all);
    assertEquals(4, AdmissionGrid.summary(List.of(grid())).split("used twice", -1).length);
  }

  @Test
  void adaptiveKeepsAPartOfALoopAndWritesLittle() {
    AdmissionGrid.Cell cell = grid().cells().getFirst();
    assertEquals("loop, memory 5 %", cell.setting());
    assertTrue(cell.gain(AdmissionKind.ADAPTIVE) > 10, () -> cell.results().toString());
    assertTrue(cell.regret(AdmissionKind.ADAPTIVE) < 2, () -> cell.results().toString());
    assertTrue(cell.of(AdmissionKind.ADAPTIVE).written() < 20, () -> cell.results().toString());
  }

  /** The file does not change what memory holds, so several files can be simulated at once. */
  @Test
  void resultsDoNotDependOnTheOtherFiles() {
    SplittableRandom random = new SplittableRandom(3);
    int requests = 20_000;
    byte[] ops = new byte[requests];
    int[] ids = new int[requests];
    int[] sizes = new int[requests];
    for (int i = 0; i < requests; i++) {
      ids[i] = (int) Math.pow(500, random.nextDouble());
      ops[i] = (byte) (random.nextInt(20) == 0 ? 1 + random.nextInt(2) : Trace.GET);
      sizes[i] = 1 + ids[i] * 7 % 100;
    }
    Trace trace = Trace.of(501, ops, ids, sizes);
    List<AdmissionKind> kinds = List.of(AdmissionKind.values());
    List<SimulatedCache.Result> together = PolicyKind.LRU.simulate(trace, 1000, 4000, kinds);
    for (AdmissionKind kind : kinds) {
      SimulatedCache.Result alone =
          PolicyKind.LRU.simulate(trace, 1000, 4000, List.of(kind)).getFirst();
      assertEquals(alone, together.get(kinds.indexOf(kind)), kind.label());
    }
  }
}
