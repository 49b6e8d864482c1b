package dev.carafe.uring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.StringTokenizer;

/** How much memory the kernel locks for this process at the most, as far as /proc tells. */
public final class LockLimit {
  /** No limit applies, or none is known. */
  public static final long UNKNOWN = Long.MAX_VALUE;

  private static final Path PROC = Path.of("/proc/self");
  private static final int CAP_IPC_LOCK = 14;
  private static final String ALL_IDS = "4294967295";

  private LockLimit() {}

  /**
   * RLIMIT_MEMLOCK, unless CAP_IPC_LOCK lifts it. Other processes of the same user count against
   * the same limit, so less may be left.
   *
   * @return bytes, or {@link #UNKNOWN}
   */
  public static long bytes() {
    return bytes(PROC);
  }

  /** The same of a process's directory. */
  static long bytes(Path proc) {
    try {
      String limit = field(proc.resolve("limits"), "Max locked memory");
      return limit.equals("unlimited") || hasCapability(proc) ? UNKNOWN : Long.parseLong(limit);
    } catch (IOException | RuntimeException e) {
      return UNKNOWN; // no /proc, or one in another form
    }
  }

  /** A capability in a user namespace other than the first lifts no limit. */
  private static boolean hasCapability(Path proc) throws IOException {
    long capabilities = Long.parseUnsignedLong(field(proc.resolve("status"), "CapEff:"), 16);
    return (capabilities >>> CAP_IPC_LOCK & 1) != 0
        && Files.readString(proc.resolve("uid_map")).strip().endsWith(ALL_IDS);
  }

  private static String field(Path file, String name) throws IOException {
    List<String> lines = Files.readAllLines(file);
    String line = lines.stream().filter(each -> each.startsWith(name)).findFirst().orElse("");
    return line.isEmpty()
        ? "unlimited"
        : new StringTokenizer(line.substring(name.length())).nextToken();
  }
}
