package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.carafe.Carafe;
import dev.carafe.DamagedFileException;
import dev.carafe.FileInUseException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.log.FileReport;
import dev.carafe.log.LogBackup;
import dev.carafe.log.LogInspection;
import dev.carafe.uring.ffi.Platform;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Copies of files, also of those that a cache writes to. A copy has all that was flushed before it
 * began, nothing older, and nothing that was removed before (contract D2, D3, R1, R2).
 */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BackupTest {
  private static final int KEYS = 90;
  private static final int REMOVED = 10;
  private static final int VALUE_BYTES = 10_000;
  private static final long CAPACITY_BYTES = 4 * Caches.MIB;

  @TempDir Path directory;
  private Path file = Path.of("");
  private Path copy = Path.of("");

  @BeforeEach
  void names() {
    file = directory.resolve("cache.carafe");
    copy = directory.resolve("copy.carafe");
  }

  private static Carafe<Long, byte[]> open(Path path) {
    return Caches.builder(Caches.MIB, path, CAPACITY_BYTES, Io.AUTO).build();
  }

  private static void put(Carafe<Long, byte[]> cache, long version) {
    for (long key = REMOVED; key < KEYS; key++) {
      cache.put(key, Caches.value(key, version, VALUE_BYTES));
    }
  }

  private void fill(Carafe<Long, byte[]> cache) {
    put(cache, 1);
    for (long key = 0; key < REMOVED; key++) {
      cache.put(key, Caches.value(key, 1, VALUE_BYTES));
    }
    cache.flush();
    for (long key = 0; key < REMOVED; key++) {
      cache.invalidate(key);
    }
    cache.flush();
  }

  /** Returns the version of all values, which must be the same. */
  private static long version(Path path, long from, long to) {
    try (Carafe<Long, byte[]> cache = open(path)) {
      for (long key = 0; key < REMOVED; key++) {
        assertNull(cache.getIfPresent(key), "removed key " + key);
      }
      long newest = 0;
      for (long key = REMOVED; key < KEYS; key++) {
        byte[] value = cache.getIfPresent(key);
        assertNotNull(value, "key " + key);
        long found = from;
        while (found <= to && !Arrays.equals(value, valueOf(key, found))) {
          found++;
        }
        assertTrue(found <= to, "key " + key + " is none of versions " + from + " to " + to);
        newest = Math.max(newest, found);
      }
      return newest;
    }
  }

  private static byte[] valueOf(long key, long version) {
    return Caches.value(key, version, VALUE_BYTES);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(each -> String.valueOf(each.getFileName())).sorted().toList();
    }
  }

  private static FileReport soundReport(Path path) {
    return LogInspection.run(
        path,
        0,
        damage -> {
          throw new AssertionError(path + ": " + damage);
        });
  }

  @Test
  void aClosedFileIsCopiedAsItIs() throws IOException {
    try (Carafe<Long, byte[]> cache = open(file)) {
      fill(cache);
    }
    byte[] before = Files.readAllBytes(file);
    LogBackup.Copy made = LogBackup.run(file, copy, (copied, total) -> {});
    assertEquals(1, made.passes());
    assertArrayEquals(before, Files.readAllBytes(file), "the copy changed the file");
    assertEquals(Files.size(file), Files.size(copy));
    FileReport report = soundReport(copy);
    assertTrue(report.isClosedCleanly() && !report.isInUse());
    assertEquals(soundReport(file).contents(), report.contents());
    if (Files.getFileStore(copy).supportsFileAttributeView("posix")) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)));
    }
    assertEquals(1, version(copy, 1, 1));
    assertEquals(List.of("cache.carafe", "copy.carafe"), files());
  }

  @Test
  void anEmptyFileIsCopied() {
    open(file).close();
    LogBackup.run(file, copy, (copied, total) -> {});
    try (Carafe<Long, byte[]> cache = open(copy)) {
      assertEquals(0, cache.estimatedSize());
    }
  }

  /** The whole ring is overwritten while a pass copies it, once for each of the first passes. */
  @ParameterizedTest
  @CsvSource({"1, 0", "1, 2", "3, 2", "5, 1"})
  void extentsThatAreOverwrittenMeanwhileAreCopiedFromTheirNewPlace(int laps, int atExtent) {
    assumeTrue(Platform.isSupported(), "skipped: other systems lock the file");
    try (Carafe<Long, byte[]> cache = open(file)) {
      fill(cache);
      long[] newest = {1};
      int[] calls = {0};
      LogBackup.Copy made =
          LogBackup.run(
              file,
              copy,
              (copied, total) -> {
                if (newest[0] <= laps && calls[0]++ >= atExtent * newest[0]) {
                  newest[0] = lap(cache, newest[0]);
                }
              });
      assertTrue(made.passes() > 1, () -> "copied in " + made.passes() + " passes");
      assertEquals(laps + 1, newest[0]);
      soundReport(copy);
      version(copy, 1, newest[0]);
    }
  }

  /** Writes one more version of all values, and again until the whole ring was written. */
  private static long lap(Carafe<Long, byte[]> cache, long version) {
    long start = cache.tierStats().file().bytesWritten();
    while (cache.tierStats().file().bytesWritten() - start < CAPACITY_BYTES * 3 / 2) {
      put(cache, version + 1);
      cache.flush();
    }
    return version + 1;
  }

  @Test
  void aFileThatIsOverwrittenTooFastIsRefused() throws IOException {
    assumeTrue(Platform.isSupported(), "skipped: other systems lock the file");
    try (Carafe<Long, byte[]> cache = open(file)) {
      fill(cache);
      long[] pass = {0};
      LogBackup.Progress overwrite =
          (copied, total) -> {
            if (total != pass[0]) { // before the first extent of each pass
              pass[0] = total;
              lap(cache, 1);
            }
          };
      FileInUseException refused =
          assertThrows(FileInUseException.class, () -> LogBackup.run(file, copy, overwrite));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("overwritten faster"),
          refused.getMessage());
      assertEquals(List.of("cache.carafe"), files());
    }
  }

  @Test
  void aCreationAnewIsNoticed() throws IOException {
    assumeTrue(Platform.isSupported(), "skipped: other systems lock the file");
    try (Carafe<Long, byte[]> cache = open(file)) {
      fill(cache);
    }
    FileInUseException refused =
        assertThrows(
            FileInUseException.class,
            () -> LogBackup.run(file, copy, (copied, total) -> createAnew()));
    assertTrue(String.valueOf(refused.getMessage()).contains("created anew"), refused.getMessage());
    assertEquals(List.of("cache.carafe"), files());
  }

  private void createAnew() {
    Caches.builder(Caches.MIB)
        .file(FileOptions.at(file, CAPACITY_BYTES).withRecovery(FileOptions.Recovery.EMPTY))
        .build()
        .close();
  }

  @Test
  void damageIsNotCopied() throws IOException {
    try (Carafe<Long, byte[]> cache = open(file)) {
      fill(cache);
    }
    FileReport.Extent extent =
        soundReport(file).extents().stream()
            .filter(each -> each.contents().liveValues() > 0)
            .findFirst()
            .orElseThrow();
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(extent.fileOffset() + 4096 + 500);
      int found = bytes.read();
      bytes.seek(extent.fileOffset() + 4096 + 500);
      bytes.write(found ^ 1);
    }
    DamagedFileException refused =
        assertThrows(
            DamagedFileException.class, () -> LogBackup.run(file, copy, (copied, total) -> {}));
    assertEquals(extent.fileOffset(), refused.offset());
    assertEquals(List.of("cache.carafe"), files());
  }

  @Test
  void aCutFileIsNotCopied() throws IOException {
    try (Carafe<Long, byte[]> cache = open(file)) {
      fill(cache);
    }
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.setLength(Files.size(file) - 1);
    }
    assertThrows(
        DamagedFileException.class, () -> LogBackup.run(file, copy, (copied, total) -> {}));
    assertEquals(List.of("cache.carafe"), files());
  }

  @Test
  void anExistingTargetIsNotReplaced() throws IOException {
    try (Carafe<Long, byte[]> cache = open(file)) {
      fill(cache);
    }
    Files.writeString(copy, "mine");
    assertThrows(FileInUseException.class, () -> LogBackup.run(file, copy, (copied, total) -> {}));
    assertEquals("mine", Files.readString(copy));
    assertThrows(FileInUseException.class, () -> LogBackup.run(file, file, (copied, total) -> {}));
    assertEquals(List.of("cache.carafe", "copy.carafe"), files());
  }

  @Test
  void anInterruptedCopyLeavesNoFile() throws IOException {
    try (Carafe<Long, byte[]> cache = open(file)) {
      fill(cache);
    }
    assertThrows(
        IllegalStateException.class,
        () ->
            LogBackup.run(
                file,
                copy,
                (copied, total) -> {
                  if (copied > 0) {
                    throw new IllegalStateException("stop");
                  }
                }));
    assertEquals(List.of("cache.carafe"), files());
  }
}
