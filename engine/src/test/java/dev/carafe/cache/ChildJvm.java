package dev.carafe.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.fail;

import dev.carafe.base.Together;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A child JVM with the class path of the tests, which a test can kill or limit. */
final class ChildJvm {
  private ChildJvm() {}

  /** Returns a process builder whose two output streams are merged. */
  static ProcessBuilder of(Class<?> main, String... arguments) {
    return of(List.of("--enable-native-access=ALL-UNNAMED"), main, arguments);
  }

  /** As above, with other JVM options than the one that enables native access. */
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

  /**
   * Waits for the end of a child. If that takes longer than the bound, the failure has the child's
   * output and two thread dumps, 2 s apart. SIGQUIT asks for them, since the JVM answers it with no
   * room in the heap, which attaching to it may need.
   *
   * @return the output of a child that has ended
   */
  static String outputWithin(Duration bound, Process child)
      throws IOException, InterruptedException, ExecutionException {
    FutureTask<String> output =
        new FutureTask<>(() -> new String(child.getInputStream().readAllBytes(), UTF_8));
    var _ = Together.start(output);
    boolean ended = child.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
    for (int dumps = 0; !ended && dumps < 2; dumps++) {
      var _ = new ProcessBuilder("kill", "-QUIT", String.valueOf(child.pid())).start().waitFor();
      var _ = child.waitFor(2, TimeUnit.SECONDS);
    }
    var _ = child.destroyForcibly();
    String said = output.get();
    return ended ? said : fail("the child did not end within " + bound + ": " + said);
  }
}
