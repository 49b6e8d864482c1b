package dev.carafe.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** The clocks of the system. */
interface SystemClocks {
  /** The result of {@link #bootNanos} if the system has no such clock. */
  long UNKNOWN = -1;

  /**
   * Returns the wall clock, which may be set, in nanoseconds since the epoch, limited to 292 years.
   */
  long wallNanos();

  /** Returns a clock that never steps, but may stop while the machine is suspended. */
  long monotonicNanos();

  /**
   * Returns a clock that never steps and never stops, with a resolution of 10 ms; or {@link
   * #UNKNOWN}.
   */
  long bootNanos();

  /** Returns the clocks of this machine. */
  static SystemClocks ofSystem() {
    return new SystemClocks() {
      private static final Path UPTIME = Path.of("/proc/uptime");
      private static final long SECOND = 1_000_000_000L;

      @Override
      public long wallNanos() {
        Instant now = Instant.now();
        long limit = Long.MAX_VALUE / SECOND - 1;
        return Math.clamp(now.getEpochSecond(), -limit, limit) * SECOND + now.getNano();
      }

      @Override
      public long monotonicNanos() {
        return System.nanoTime();
      }

      @Override
      public long bootNanos() {
        try {
          String text = Files.readString(UPTIME);
          int point = text.indexOf('.');
          int hundredths = Integer.parseInt(text.substring(point + 1, point + 3));
          return Long.parseLong(text.substring(0, point)) * SECOND + hundredths * (SECOND / 100);
        } catch (IOException | RuntimeException e) {
          return UNKNOWN; // no Linux, or a sandbox
        }
      }
    };
  }
}
