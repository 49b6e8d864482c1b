package dev.carafe.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this process has of the system. */
record Taken(long descriptors, long mappings, long pinnedKib, long threads) {
  static Taken now(long arenaBytes) {
    return new Taken(
        count("fd"),
        lines("maps", arenaBytes),
        status("VmPin:") + status("VmLck:"),
        engineThreads());
  }

  private static long count(String folder) {
    try (Stream<Path> all = Files.list(Path.of("/proc/self", folder))) {
      return all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without the JVM's own: code caches and thread stacks come and go. */
  private static long lines(String name, long arenaBytes) {
    return read(name)
        .lines()
        .filter(line -> line.contains("io_uring") || isLarge(line, arenaBytes))
        .count();
  }

  private static boolean isLarge(String line, long arenaBytes) {
    String[] range = line.substring(0, line.indexOf(' ')).split("-", -1);
    long bytes = Long.parseUnsignedLong(range[1], 16) - Long.parseUnsignedLong(range[0], 16);
    return line.endsWith(" 0 ") && bytes == arenaBytes;
  }

  private static long status(String field) {
    return read("status")
        .lines()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  private static String read(String name) {
    try {
      return Files.readString(Path.of("/proc/self", name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static long engineThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("carafe-"))
        .count();
  }

  boolean isWithin(Taken other) {
    return descriptors <= other.descriptors
        && mappings <= other.mappings
        && pinnedKib <= other.pinnedKib
        && threads <= other.threads;
  }
}
