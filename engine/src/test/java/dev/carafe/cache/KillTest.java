package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import dev.carafe.cache.CrashJournal.Mark;
import dev.carafe.device.Device;
import dev.carafe.device.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Opens the files of processes that were killed at random moments. All flushed values are present,
 * no removed or overwritten value returns, and no byte is wrong (contract D2, D3, R1, R2, R3).
 */
@Timeout(value = 3600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class KillTest {
  private static final int MAX_LIFE_MILLIS = 300;
  private static final int KILLS = Soak.times(2, 36);

  /** The bytes that a process writes before it is killed, so that the log wraps around. */
  private static final long MIN_LIFE_BYTES = CrashChild.CAPACITY_BYTES * Soak.times(5, 1) / 8;

  /** The bytes that all processes write together, so that all extents are reclaimed. */
  private static final long MIN_BYTES = CrashChild.CAPACITY_BYTES * Soak.times(1, 4);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "FIXED_BUFFERS, LZ4",
    "FIXED_BUFFERS, NONE",
    "URING, LZ4",
    "URING, NONE",
    "CHANNEL, LZ4",
    "CHANNEL, NONE"
  })
  void nothingFlushedIsLostAndNothingComesBack(Io io, Compression compression) {
    Io usable = UsableDevices.usable(io);
    Path file = directory.resolve("cache.carafe");
    CrashJournal journal = new CrashJournal(directory.resolve("journal"));
    FileOptions options = CrashChild.options(file, usable, compression);
    long[] checked = {0};
    Soak.seeded(random -> {
      for (int kill = 0; kill < KILLS; kill++) {
        lifeAndDeath(CrashChild.class, options, random);
        checked[0] += random.nextBoolean() ? check(options, journal) : checkCopy(options, journal);
        assertEquals(0, journal.mark(Mark.DROPPED), "values were dropped: too much for this test");
      }
    });
    assertTrue(journal.mark(Mark.OPERATIONS) > 0 && journal.mark(Mark.FLUSHES) > 0);
    assertTrue(journal.mark(Mark.WRITTEN) > MIN_BYTES, "nothing was reclaimed");
    Record.add("processes killed", KILLS);
    Record.add("changes before a kill", journal.mark(Mark.OPERATIONS));
    Record.add("flushes before a kill", journal.mark(Mark.FLUSHES));
    Record.add("bytes written before a kill", journal.mark(Mark.WRITTEN));
    Record.add("keys checked after a kill", checked[0]);
    Record.add(Record.LOST, 0);
  }

  /** Drops of caches are durable at once, and the other changes as in a cache by itself. */
  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"AUTO", "CHANNEL"})
  void theCachesOfAStoreSurviveAndDroppedOnesDoNot(Io io) {
    CrashJournal journal = new CrashJournal(directory.resolve("journal"));
    FileOptions options =
        CrashChild.options(directory.resolve("store.carafe"), io, Compression.LZ4);
    Soak.seeded(random -> {
      for (int kill = 0; kill < KILLS; kill++) {
        lifeAndDeath(CrashStore.class, options, random);
        try (CrashStore store = CrashStore.open(options)) {
          CrashCheck.check(store, journal);
        }
        assertEquals(0, journal.mark(Mark.DROPPED), "values were dropped: too much for this test");
      }
    });
    assertTrue(journal.mark(Mark.FLUSHES) > 0 && journal.mark(Mark.REMOVED_CACHES) > 0);
    assertTrue(journal.mark(Mark.WRITTEN) > MIN_BYTES, "nothing was reclaimed");
    Record.add("caches dropped before a kill", journal.mark(Mark.REMOVED_CACHES));
  }

  private static int check(FileOptions options, CrashJournal journal) {
    return CrashCheck.check(options, journal);
  }

  /**
   * Checks a copy, so that the next process finds the file as the kill left it. Writes that were in
   * flight at the kill may complete until the kernel releases the lock, so the copy is made under
   * the lock.
   */
  private static int checkCopy(FileOptions options, CrashJournal journal) throws IOException {
    Path copy = options.path().resolveSibling("copy.carafe");
    try (Device _ = Devices.openReadOnly(options.path())) {
      Files.copy(options.path(), copy, StandardCopyOption.REPLACE_EXISTING);
    }
    return CrashCheck.check(options.withPath(copy), journal);
  }

  private void lifeAndDeath(Class<?> main, FileOptions options, SplittableRandom random)
      throws Exception {
    CrashJournal journal = new CrashJournal(directory.resolve("journal"));
    journal.mark(Mark.READY, 0);
    Path errors = directory.resolve("errors");
    Process child = start(main, options, random.nextLong(), errors);
    try {
      long began = System.nanoTime();
      while (journal.mark(Mark.READY) == 0 && child.isAlive()) {
        if (System.nanoTime() - began > TimeUnit.MINUTES.toNanos(2)) {
          throw new AssertionError("the child does not begin");
        }
        pause(5);
      }
      long written = journal.mark(Mark.WRITTEN);
      pause(random.nextInt(MAX_LIFE_MILLIS));
      while (child.isAlive() && journal.mark(Mark.WRITTEN) - written < MIN_LIFE_BYTES) {
        pause(1 + random.nextInt(50));
      }
      assertTrue(child.isAlive(), () -> "the child failed by itself: " + read(errors));
    } finally {
      child.toHandle().destroyForcibly();
      child.waitFor();
    }
  }

  private static void pause(int millis) throws InterruptedException {
    var _ = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
  }

  private static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Process start(Class<?> main, FileOptions options, long seed, Path errors)
      throws IOException {
    return ChildJvm.of(
            main,
            options.path().toString(),
            directory.resolve("journal").toString(),
            options.io().name(),
            options.compression().name(),
            String.valueOf(seed))
        .redirectOutput(errors.toFile())
        .start();
  }
}
