package dev.carafe.uring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.StringTokenizer;

/** The process's limit on locked memory (RLIMIT_MEMLOCK), read from /proc. */
public final class LockLimit {
  /** No limit applies, or the limit is unknown. */
  public static final long UNKNOWN = Long.MAX_VALUE;

  private static final Path PROC = Path.of("/proc/self");
  private static final int CAP_IPC_LOCK = 14;
  private static final String ALL_IDS = "4294967295";

  private LockLimit() {}

  /**
   * Reads RLIMIT_MEMLOCK. CAP_IPC_LOCK lifts the limit. Other processes of the same user count
   * against it, so less memory may remain.
   *
   * @return bytes, or {@link #UNKNOWN}
   */
  public static long bytes() {
    return bytes(PROC);
  }

  /** Reads the limit from a process's directory in /proc. */
  static long bytes(Path proc) {
    try {
      String limit = field(proc.resolve("limits"), "Max locked memory");
      return limit.equals("unlimited") || hasCapability(proc) ? UNKNOWN : Long.parseLong(limit);
    } catch (IOException | RuntimeException e) {
      return UNKNOWN; // /proc is missing or has another format
    }
  }

  /** The capability lifts the limit only in the initial user namespace. */
  private static boolean hasCapability(Path proc) throws IOException {
    long capabilities = Long.parseUnsignedLong(field(proc.resolve("status"), "CapEff:"), 16);
    return (capabilities >>> CAP_IPC_LOCK & 1) != 0
        && Files.readString(proc.resolve("uid_map")).strip().endsWith(ALL_IDS);
  }

  private static String field(Path file, String name) throws IOException {
    List<String> lines = Files.readAllLines(file);
    for (String line : lines) {
      if (line.startsWith(name)) {
        return new StringTokenizer(line.substring(name.length())).nextToken();
      }
    }
    return "unlimited";
  }
}
