package dev.carafe.tier;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The first relocation of a process ends on a full heap too, so no pin waits for it (F5). */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ColdEntryTest {
  @Test
  void theFirstRelocationEndsWithoutHeap() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process child =
        new ProcessBuilder(
                java,
                "-Xmx16m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Full.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, child.waitFor(), output);
    assertEquals("ended", output.strip());
  }

  /** Runs in a process of its own, so that no method of an entry was called before. */
  static final class Full {
    private static final Object[] HELD = new Object[1 << 20];

    private Full() {}

    /** Relocates an entry while nothing can be allocated. */
    public static void main(String[] args) {
      Entry entry = new Entry(0, 0, 1, false);
      var _ = entry.unpin();
      boolean began = entry.beginRelocation();
      fill();
      boolean ended = false; // not a string: the first use of a constant needs heap
      try {
        var _ = entry.endRelocation();
        ended = true;
      } finally {
        for (int i = 0; i < HELD.length; i++) {
          HELD[i] = HELD;
        }
        System.out.println(began && ended ? "ended" : "did not end");
      }
    }

    private static void fill() {
      int count = 0;
      for (int bytes = 1 << 16; bytes >= 8; bytes >>= 1) {
        try {
          while (count < HELD.length) {
            HELD[count] = new byte[bytes];
            count++;
          }
        } catch (OutOfMemoryError e) {
          HELD[count] = HELD; // full for this size: fill the rest with smaller arrays
        }
      }
    }
  }
}
