package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import dev.carafe.cache.CrashJournal.Mark;
import dev.carafe.device.LoopDisk;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A file system loses power under load, so that unsynced data is lost. All flushed values are
 * present, and no removed or overwritten value returns (contract D2, D3). Needs root and a loop
 * device.
 */
@Timeout(value = 3600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PowerCutTest {
  private static final int DISK_MIB = 24;
  private static final int MAX_LIFE_MILLIS = 400;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "EXT4, FIXED_BUFFERS, NONE",
    "EXT4, URING, LZ4",
    "EXT4, CHANNEL, LZ4",
    "XFS, FIXED_BUFFERS, LZ4",
    "XFS, CHANNEL, NONE",
  })
  void whatWasFlushedIsThereWhenThePowerIsBack(LoopDisk.Kind kind, Io io, Compression compression) {
    Io usable = UsableDevices.usable(io);
    CrashJournal journal = new CrashJournal(directory.resolve("journal"));
    int cuts = Soak.times(2, 36);
    Soak.seeded(random -> {
      try (LoopDisk disk = LoopDisk.orSkip(kind, directory, DISK_MIB)) {
        Path file = disk.root().resolve("cache.carafe");
        FileOptions options = CrashChild.options(file, usable, compression);
        for (int cut = 0; cut < cuts; cut++) {
          Carafe<Long, byte[]> cache = CrashChild.open(options);
          CrashLoad load = new CrashLoad(CrashTarget.of(cache), journal, random.split());
          long flushed = journal.mark(Mark.FLUSHES);
          do {
            pause(1 + random.nextInt(MAX_LIFE_MILLIS));
          } while (journal.mark(Mark.FLUSHES) == flushed); // a slow machine gets longer
          load.ignoreFlushes();
          disk.cutPower();
          load.end();
          cache.close();
          disk.remount();
          int checked = CrashCheck.check(options, journal);
          Record.add("power cuts", 1);
          Record.add("power cuts on " + kind, 1);
          Record.add("keys checked after a power cut", checked);
          Record.add(Record.LOST, 0);
        }
      }
    });
    assertTrue(journal.mark(Mark.FLUSHES) > 0);
  }

  private static void pause(int millis) throws InterruptedException {
    var _ = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
  }
}
