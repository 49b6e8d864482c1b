package dev.carafe.bench.fork;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/** Counters of Linux and the JVM for this process. */
final class ProcessFigures {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long TICK_NANOS = 10_000_000;
  private static final Path IO = Path.of("/proc/self/io");

  private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-[0-9a-f]+ ");

  private ProcessFigures() {}

  /** Processor time of all threads, including those of the JVM. */
  static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean bean
        ? bean.getProcessCpuTime()
        : 0;
  }

  /** Processor time of all processors of the machine, without idle time. */
  static long machineCpuNanos() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
      String all = lines.findFirst().orElse("");
      List<Long> ticks =
          Stream.of(all.replaceFirst("^cpu +", "").split(" ", -1)).map(Long::valueOf).toList();
      // user nice system idle iowait irq softirq steal
      long busy = ticks.stream().limit(8).mapToLong(Long::longValue).sum();
      return (busy - ticks.get(3) - ticks.get(4)) * TICK_NANOS;
    } catch (IOException | RuntimeException e) {
      return 0;
    }
  }

  /** Total time of completed JIT compilations. */
  static long jitMillis() {
    return ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
  }

  /** Resident memory. */
  static long rssBytes() {
    return 1024 * line(STATUS, "VmRSS:");
  }

  /**
   * Resident memory.
   *
   * @param bytes all resident memory
   * @param heapBytes the resident part of the Java heap, including garbage; 0 if the collector,
   *     such as ZGC, does not report the heap's address range
   */
  record Resident(long bytes, long heapBytes) {
    long beyondHeapBytes() {
      return bytes - heapBytes;
    }
  }

  static Resident resident() {
    return new Resident(rssBytes(), residentHeapBytes());
  }

  private static long residentHeapBytes() {
    try {
      long[] bounds =
          Pattern.compile("0x([0-9a-f]+)")
              .matcher(heapInfo())
              .results()
              .mapToLong(bound -> Long.parseUnsignedLong(bound.group(1), 16))
              .sorted()
              .toArray();
      return bounds.length == 0 ? 0 : residentBytes(bounds[0], bounds[bounds.length - 1]);
    } catch (IOException | JMException | RuntimeException e) {
      return 0;
    }
  }

  /** The output of {@code jcmd GC.heap_info}. */
  private static String heapInfo() throws JMException {
    ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
    Object[] arguments = {new String[0]};
    String[] signature = {String[].class.getName()};
    Object said =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(commands, "gcHeapInfo", arguments, signature);
    return String.valueOf(said);
  }

  /** The resident memory of the mappings that begin in an address range. */
  private static long residentBytes(long from, long to) throws IOException {
    long sum = 0;
    boolean within = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.lookingAt()) {
        long start = Long.parseUnsignedLong(mapping.group(1), 16);
        within = start >= from && start < to;
      } else if (within && line.startsWith("Rss:")) {
        sum += 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return sum;
  }

  /** Peak resident memory. */
  static long peakRssBytes() {
    return 1024 * line(STATUS, "VmHWM:");
  }

  /** Resident mapped file pages, a part of {@link #rssBytes()} and of the page cache. */
  static long mappedRssBytes() {
    return 1024 * line(STATUS, "RssFile:");
  }

  static long deviceReadBytes() {
    return line(IO, "read_bytes:");
  }

  static long deviceWrittenBytes() {
    return line(IO, "write_bytes:");
  }

  /** Returns a number from a file with lines "name: number unit"; 0 if it is missing. */
  private static long line(Path file, String name) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(name)) {
          return Long.parseLong(line.substring(name.length()).replaceAll("[^0-9]", ""));
        }
      }
      return 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
