package dev.carafe.bench.versus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A control group that limits the memory of one JVM: heap, native memory and page cache together.
 * Without the limit, the page cache can hold the whole file. Needs write access to the cgroup file
 * system.
 */
final class MemoryCgroup implements AutoCloseable {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  private final Path group;
  private final boolean unified;

  private MemoryCgroup(Path group, boolean unified) {
    this.group = group;
    this.unified = unified;
  }

  /** Creates a group with a limit. Returns null if this process may not create groups. */
  static @Nullable MemoryCgroup tryCreate(long bytes) {
    boolean unified = Files.exists(ROOT.resolve("cgroup.controllers"));
    Path parent = unified ? ROOT : ROOT.resolve("memory");
    Path group = parent.resolve("carafe-bench-" + ProcessHandle.current().pid());
    try {
      if (unified) {
        Files.writeString(ROOT.resolve("cgroup.subtree_control"), "+memory");
      }
      if (!Files.isDirectory(group)) {
        Files.createDirectory(group);
      }
      MemoryCgroup bound = new MemoryCgroup(group, unified);
      bound.set(unified ? "memory.max" : "memory.limit_in_bytes", bytes);
      if (unified) {
        bound.set("memory.swap.max", 0);
      } else {
        bound.set("memory.max_usage_in_bytes", 0);
      }
      return bound;
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  private void set(String file, long value) throws IOException {
    Path path = group.resolve(file);
    if (Files.exists(path)) {
      Files.writeString(path, Long.toString(value));
    }
  }

  /** Returns a command that runs the given command in the group. */
  List<String> wrap(List<String> command) {
    List<String> words = new java.util.ArrayList<>();
    words.add("sh");
    words.add("-c");
    words.add("echo $$ > \"$0\" && exec \"$@\"");
    words.add(group.resolve("cgroup.procs").toString());
    words.addAll(command);
    return words;
  }

  /** The peak memory use, including page cache. */
  long peakBytes() {
    Path file = group.resolve(unified ? "memory.peak" : "memory.max_usage_in_bytes");
    try {
      return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  String kind() {
    return unified ? "cgroup v2" : "cgroup v1";
  }

  @Override
  public void close() {
    try {
      if (!unified) {
        Path reclaim = group.resolve("memory.force_empty");
        if (Files.exists(reclaim)) {
          Files.writeString(reclaim, "0");
        }
      }
      Files.deleteIfExists(group);
    } catch (IOException e) {
      // an empty group uses no memory, and the next run uses it again
      System.err.println("carafe: cannot delete " + group + ": " + e);
    }
  }
}
