package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.carafe.FileInUseException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.base.Soak;
import dev.carafe.cache.CrashJournal.Mark;
import dev.carafe.log.LogBackup;
import dev.carafe.log.LogInspection;
import dev.carafe.uring.ffi.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A process writes, removes and flushes while its file is copied and inspected. A copy has all that
 * was flushed before it began, and nothing that was removed or overwritten before (contract D2,
 * D3).
 */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BackupOfProcessTest {
  private static final int COPIES = Soak.times(4, 60);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"FIXED_BUFFERS", "CHANNEL"})
  void copiesHaveWhatWasFlushed(Io io) {
    assumeTrue(Platform.isSupported(), "skipped: other systems lock the file");
    Io usable = UsableDevices.usable(io);
    Soak.seeded(random -> copies(usable, random.nextLong()));
  }

  private void copies(Io io, long seed) throws Exception {
    Path file = directory.resolve("cache.carafe");
    Path errors = directory.resolve("errors");
    CrashJournal journal = new CrashJournal(directory.resolve("journal"));
    Process child =
        ChildJvm.of(
                CrashChild.class,
                file.toString(),
                directory.resolve("journal").toString(),
                io.name(),
                Compression.NONE.name(),
                String.valueOf(seed))
            .redirectOutput(errors.toFile())
            .start();
    try {
      awaitLap(journal, child);
      int refused = 0;
      for (int i = 0; i < COPIES; i++) {
        refused += copy(CrashChild.options(file, io, Compression.NONE), journal, i) ? 0 : 1;
        inspect(file);
        awaitLap(journal, child);
      }
      assertTrue(refused < COPIES, "each copy was refused");
      assertTrue(child.isAlive(), () -> "the process failed: " + read(errors));
    } finally {
      child.toHandle().destroyForcibly();
      child.waitFor();
    }
  }

  /** Returns false if the process overwrote the file faster than it was copied. */
  private boolean copy(FileOptions options, CrashJournal journal, int number) throws IOException {
    Path before = directory.resolve("journal" + number);
    Files.copy(directory.resolve("journal"), before);
    CrashJournal expected = new CrashJournal(before);
    Path target = directory.resolve("copy" + number);
    try {
      var _ = LogBackup.run(options.path(), target, (copied, total) -> {});
    } catch (FileInUseException e) {
      assertTrue(String.valueOf(e.getMessage()).contains("overwritten faster"), e::toString);
      return false;
    }
    for (long key = 0; key < CrashJournal.KEYS; key++) {
      expected.begin(key, journal.begun(key));
    }
    int checked = CrashCheck.check(options.withPath(target), expected);
    assertTrue(checked > 0);
    Files.delete(target);
    return true;
  }

  private static void inspect(Path file) {
    var report =
        LogInspection.run(
            file,
            0,
            damage -> {
              throw new AssertionError("no damage, but a write in progress: " + damage);
            });
    assertTrue(report.isInUse());
  }

  /** Waits until the process has written as many bytes as the file has. */
  private static void awaitLap(CrashJournal journal, Process child) throws InterruptedException {
    long before = journal.mark(Mark.WRITTEN);
    long began = System.nanoTime();
    while (journal.mark(Mark.WRITTEN) - before < CrashChild.CAPACITY_BYTES
        && !child.waitFor(5, TimeUnit.MILLISECONDS)) {
      assertTrue(
          System.nanoTime() - began < TimeUnit.MINUTES.toNanos(2), "the process does not write");
    }
  }

  private static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
