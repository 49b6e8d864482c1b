package dev.carafe.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** The clocks of the system. */
interface SystemClocks {
  /** What {@link #bootNanos} says where the system has no such clock. */
  long UNKNOWN = -1;

  /** The wall clock, which may be set: nanoseconds since the epoch, as far as 292 years go. */
  long wallNanos();

  /** Never steps; may stand while the machine is suspended. */
  long monotonicNanos();

  /** Never steps and never stands, to a hundredth of a second; or {@link #UNKNOWN}. */
  long bootNanos();

  /** Those of this machine. */
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
