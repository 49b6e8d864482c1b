package dev.carafe.cache;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A small JVM with the tests' class path, whose life or limits a test may play with. */
final class ChildJvm {
  private ChildJvm() {}

  /** To be started; what it says on either stream comes as one. */
  static ProcessBuilder of(Class<?> main, String... arguments) {
    return of(List.of("--enable-native-access=ALL-UNNAMED"), main, arguments);
  }

  /** The same with other options of the JVM than to enable native access. */
  static ProcessBuilder of(List<String> options, Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-ea",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(1, options);
    Collections.addAll(command, arguments);
    return new ProcessBuilder(command).redirectErrorStream(true);
  }
}
