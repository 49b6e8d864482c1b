package dev.carafe.bench.versus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Properties of the machine that affect the results of a run. */
public final class Machine {
  private static final Path MEMORY = Path.of("/proc/meminfo");

  private Machine() {}

  /**
   * Returns the properties.
   *
   * @param directory a directory of the file system to report
   * @return the properties by name
   */
  public static Map<String, Object> properties(Path directory) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("processor", field(Path.of("/proc/cpuinfo"), "model name"));
    properties.put("processors", Runtime.getRuntime().availableProcessors());
    properties.put("memoryBytes", memoryBytes("MemTotal"));
    properties.put("availableBytes", memoryBytes("MemAvailable"));
    properties.put(
        "system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    properties.put(
        "java", System.getProperty("java.vendor") + " " + System.getProperty("java.vm.version"));
    properties.put("load", text(Path.of("/proc/loadavg")));
    properties.put("hugePages", text(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")));
    try {
      properties.put("fileSystem", Files.getFileStore(directory).type());
      properties.put("device", Files.getFileStore(directory).name());
    } catch (IOException e) {
      properties.put("fileSystem", "unknown");
    }
    properties.put("readAheadKib", readAhead());
    return properties;
  }

  /**
   * Describes when and where a measurement was made.
   *
   * @param versions of what was measured
   * @return the date, the machine and the versions
   */
  public static String sentence(List<String> versions) {
    Map<String, Object> machine = properties(Path.of("."));
    List<String> words = new ArrayList<>();
    words.add(LocalDate.now(ZoneOffset.UTC).toString());
    words.add("on " + machine.get("processors") + " × " + machine.get("processor"));
    words.add(String.valueOf(machine.get("system")));
    words.add("Java " + machine.get("java"));
    words.addAll(versions);
    return String.join(", ", words) + ".";
  }

  static long memoryBytes(String name) {
    String words = field(MEMORY, name).replaceAll("[^0-9]", "");
    return words.isEmpty() ? 0 : 1024 * Long.parseLong(words);
  }

  /** The largest read-ahead of the disks in KiB. A large value slows stores that map their file. */
  private static long readAhead() {
    long most = 0;
    try (Stream<Path> disks = Files.list(Path.of("/sys/block"))) {
      for (Path disk : disks.toList()) {
        if (!disk.toString().matches(".*/(loop|ram|zram|dm-).*")) {
          String text = text(disk.resolve("queue/read_ahead_kb"));
          most = Math.max(most, text.isEmpty() ? 0 : Long.parseLong(text));
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return most;
  }

  private static String field(Path file, String name) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file).strip() : "";
    } catch (IOException e) {
      return "";
    }
  }
}
