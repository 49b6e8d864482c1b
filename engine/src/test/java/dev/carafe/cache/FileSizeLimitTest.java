package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.carafe.FileOptions.Io;
import dev.carafe.base.Record;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A limit of the file size, set and lifted while the cache is open: EFBIG and SIGXFSZ (contract
 * F1).
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FileSizeLimitTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"FIXED_BUFFERS", "URING", "CHANNEL"})
  void fileWorksAfterTheLimitIsLifted(Io io) throws Exception {
    Io usable = UsableDevices.usable(io);
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/prlimit")), "no prlimit to set the limit with");
    Process child =
        ChildJvm.of(LimitChild.class, directory.resolve("cache.carafe").toString(), usable.name())
            .start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, child.waitFor(), output);
    Record.add("real faults: file size limits set and lifted", 1);
  }
}
