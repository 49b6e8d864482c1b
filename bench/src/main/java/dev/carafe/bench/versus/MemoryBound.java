package dev.carafe.bench.versus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A control group that bounds the memory of one JVM: heap, native memory and page cache together,
 * so that a page cache without a bound does not hide the disk. Needs the right to make one.
 */
final class MemoryBound implements AutoCloseable {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  private final Path group;
  private final boolean unified;

  private MemoryBound(Path group, boolean unified) {
    this.group = group;
    this.unified = unified;
  }

  /** A group with a bound, or null where this process may make none. */
  static @Nullable MemoryBound tryMake(long bytes) {
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
      MemoryBound bound = new MemoryBound(group, unified);
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

  /** The command, run within the group. */
  List<String> around(List<String> command) {
    List<String> words = new java.util.ArrayList<>();
    words.add("sh");
    words.add("-c");
    words.add("echo $$ > \"$0\" && exec \"$@\"");
    words.add(group.resolve("cgroup.procs").toString());
    words.addAll(command);
    return words;
  }

  /** The most memory that was in use at once, page cache included. */
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
      // It is empty and costs nothing; the next run uses it again.
      System.err.println("carafe: " + group + " stays: " + e.getMessage());
    }
  }
}
