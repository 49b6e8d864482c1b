package dev.carafe.uring.ffi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The descriptors and mappings that this process has open.
 *
 * @param descriptors of rings and counters
 * @param ringMappings the number of mappings of ring memory
 */
public record OpenDescriptors(long descriptors, long ringMappings) {
  /** Counts them. */
  public static OpenDescriptors now() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"));
        Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return new OpenDescriptors(
          all.filter(OpenDescriptors::isOurs).count(),
          maps.filter(line -> line.contains("[io_uring]")).count());
    }
  }

  private static boolean isOurs(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.contains("[io_uring]") || target.contains("[eventfd]");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }
}
