package dev.carafe.bench.versus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Where a run happens, as far as its figures depend on it. */
public final class Machine {
  private static final Path MEMORY = Path.of("/proc/meminfo");

  private Machine() {}

  /**
   * What is known of it.
   *
   * @param directory whose file system is named
   * @return facts by name
   */
  public static Map<String, Object> facts(Path directory) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("processor", field(Path.of("/proc/cpuinfo"), "model name"));
    facts.put("processors", Runtime.getRuntime().availableProcessors());
    facts.put("memoryBytes", memoryBytes("MemTotal"));
    facts.put("availableBytes", memoryBytes("MemAvailable"));
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put(
        "java", System.getProperty("java.vendor") + " " + System.getProperty("java.vm.version"));
    facts.put("load", text(Path.of("/proc/loadavg")));
    facts.put("hugePages", text(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")));
    try {
      facts.put("fileSystem", Files.getFileStore(directory).type());
      facts.put("device", Files.getFileStore(directory).name());
    } catch (IOException e) {
      facts.put("fileSystem", "unknown");
    }
    facts.put("readAheadKib", readAhead());
    return facts;
  }

  static long memoryBytes(String name) {
    String words = field(MEMORY, name).replaceAll("[^0-9]", "");
    return words.isEmpty() ? 0 : 1024 * Long.parseLong(words);
  }

  /** The largest read-ahead of a disk: megabytes of it ruin stores that map their file. */
  private static long readAhead() {
    long most = 0;
    try (Stream<Path> disks = Files.list(Path.of("/sys/block"))) {
      for (Path disk : disks.toList()) {
        if (!disk.toString().matches(".*/(loop|ram|zram|dm-).*")) {
          String told = text(disk.resolve("queue/read_ahead_kb"));
          most = Math.max(most, told.isEmpty() ? 0 : Long.parseLong(told));
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
