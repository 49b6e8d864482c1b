package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code carafe inspect FILE}. */
final class InspectCommandTest {
  private static final int LIVE = SampleFile.VALUES - SampleFile.REMOVED;

  @TempDir Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void write() {
    file = SampleFile.write(directory.resolve("sample.carafe"));
  }

  private static void assertHas(CommandRun run, String text) {
    assertTrue(run.out().contains(text), () -> "'" + text + "' is not in\n" + run.out());
  }

  @Test
  void printsText() throws IOException {
    byte[] before = Files.readAllBytes(file);
    CommandRun run = CommandRun.of("inspect", file.toString());
    assertEquals(0, run.exitCode(), run.err());
    assertHas(run, file.toString());
    assertHas(run, "capacity 524,288 bytes");
    assertHas(run, "codecs   key ");
    assertHas(run, "7 extents of 65,536 bytes");
    assertHas(run, "extents of sequence 1 to 2, closed in order");
    assertHas(run, "30 values, 3 tombstones, 0 clears, 0 tails");
    assertHas(run, "live     27 values, 81,864 bytes");
    assertHas(run, "SEALED");
    assertHas(run, "CLEAN");
    assertArrayEquals(before, Files.readAllBytes(file), "the command changed the file");
  }

  @Test
  void printsJson() {
    CommandRun run = CommandRun.of("inspect", "--json", file.toString());
    assertEquals(0, run.exitCode(), run.err());
    long liveBytes = (long) LIVE * SampleFile.RECORD_BYTES;
    long deadBytes = SampleFile.REMOVED * (SampleFile.RECORD_BYTES + 24 + SampleFile.KEY_BYTES);
    assertHas(run, "\"version\": 3");
    assertHas(run, "\"capacityBytes\": 524288");
    assertHas(run, "\"firstSequence\": 1,\n  \"lastSequence\": 2,\n  \"records\": 33");
    assertHas(run, "\"liveValues\": " + LIVE + ",\n  \"liveBytes\": " + liveBytes);
    assertHas(run, "\"deadBytes\": " + deadBytes + ",\n  \"damagedPlaces\": 0");
    assertHas(run, "\"slot\": 1,\n      \"offset\": 69632,\n      \"state\": \"SEALED\"");
    assertEquals(7, run.out().split("\"slot\"", -1).length - 1);
  }

  @Test
  void showsDamagedPlaces() throws IOException {
    long offset = SampleFile.liveRecord(file);
    SampleFile.flip(file, offset + 500);
    CommandRun run = CommandRun.of("inspect", file.toString());
    assertEquals(0, run.exitCode(), run.err());
    assertHas(run, "damaged places: 1");
    assertHas(run, "  at byte " + offset + " expected a record");
    assertHas(run, "live     26 values");
  }

  @Test
  void showsAFileInUseAsASnapshot() throws IOException {
    assumeTrue(Files.exists(Path.of("/proc/self/fd")), "skipped: other systems lock the file");
    try (Carafe<Long, byte[]> cache = SampleFile.open(file)) {
      cache.put(100L, new byte[100]);
      cache.flush();
      CommandRun run = CommandRun.of("inspect", file.toString());
      assertEquals(0, run.exitCode(), run.err());
      assertHas(run, "in use by a cache: a snapshot");
      assertHas(run, "31 values");
      assertHas(CommandRun.of("inspect", "--json", file.toString()), "\"inUse\": true");
    }
  }

  /** Enough names that their record is compressed. */
  @Test
  void showsTheCachesOfAStore() {
    Path many = directory.resolve("store.carafe");
    FileOptions options = FileOptions.at(many, FileOptions.MIN_CAPACITY_BYTES);
    try (CarafeStore store = CarafeStore.newBuilder().memory(2 << 20).file(options).build()) {
      for (int i = 0; i < 30; i++) {
        try (var cache = store.cache("cache " + i, Codec.int64(), Codec.bytes()).build()) {
          for (long key = 0; key < i; key++) {
            cache.put(key, new byte[50]);
          }
        }
      }
      store.drop("cache 3");
      store.flush();
      if (Files.exists(Path.of("/proc/self/fd"))) { // other systems lock the file
        assertShowsCaches(many);
      }
    }
    assertShowsCaches(many);
  }

  private static void assertShowsCaches(Path many) {
    CommandRun run = CommandRun.of("inspect", many.toString());
    assertEquals(0, run.exitCode(), run.err());
    String codecs = ", " + Codec.int64().fingerprint() + ", " + Codec.bytes().fingerprint();
    int recordBytes = 24 + 4 + 8 + 50 + 2; // header, number, key, value, to a multiple of 8
    assertHas(run, String.format("%6d %12d %12d  cache 0", 2, 0, 0) + codecs);
    assertHas(run, String.format("%6d %12d %12d  cache 29", 31, 29, 29 * recordBytes) + codecs);
    assertFalse(run.out().contains("cache 3,"), run.out());
    assertFalse(run.out().contains("(unnamed)"), run.out());
    String json = CommandRun.of("inspect", "--json", many.toString()).out();
    assertTrue(json.contains("\"name\": \"cache 7\""), json);
    assertEquals(29, json.split("\"name\"", -1).length - 1, json);
  }

  @Test
  void rejectsBadUsage() {
    assertEquals(2, CommandRun.of("inspect").exitCode());
    assertEquals(2, CommandRun.of("inspect", directory.resolve("missing").toString()).exitCode());
    assertEquals(0, CommandRun.of("inspect", "--help").exitCode());
  }

  @Test
  void reportsADamagedFileHeader() throws IOException {
    SampleFile.flip(file, 20);
    CommandRun run = CommandRun.of("inspect", file.toString());
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("at byte 0 expected a file header"), run.err());
  }
}
