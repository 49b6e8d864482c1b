package dev.carafe.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The system resources of this process. Only the engine advises huge pages for its memory, so
 * mappings with this advice are those of caches.
 */
record ProcessResources(
    long descriptors, long rings, long memoryBytes, long pinnedKib, long threads) {
  private static final Pattern RANGE = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) ");

  static ProcessResources now() {
    return new ProcessResources(
        count("fd"),
        read("maps").lines().filter(line -> line.contains("io_uring")).count(),
        advisedBytes(),
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

  /** Returns the bytes of the mappings with {@code MADV_HUGEPAGE}. */
  private static long advisedBytes() {
    long sum = 0;
    long bytes = 0;
    for (String line : read("smaps").lines().toList()) {
      Matcher range = RANGE.matcher(line);
      if (range.lookingAt()) {
        bytes =
            Long.parseUnsignedLong(range.group(2), 16) - Long.parseUnsignedLong(range.group(1), 16);
      } else if (line.startsWith("VmFlags:") && (line + " ").contains(" hg ")) {
        sum += bytes;
      }
    }
    return sum;
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

  boolean isWithin(ProcessResources other) {
    return descriptors <= other.descriptors
        && rings <= other.rings
        && memoryBytes <= other.memoryBytes
        && pinnedKib <= other.pinnedKib
        && threads <= other.threads;
  }
}
