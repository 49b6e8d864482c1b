package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileFormatException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.log.format.FileHeaderLayout;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.RingHistory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine reads all files that were published (contract D1, D3, R2, R6). */
final class GoldenFileTest {
  @TempDir Path directory;
  private final AtomicLong clock = new AtomicLong();

  private Carafe<String, byte[]> open(Path file, Recovery recovery) {
    return open(file, recovery, GoldenFile.CAPACITY_BYTES);
  }

  private Carafe<String, byte[]> open(Path file, Recovery recovery, long capacityBytes) {
    return Carafe.newBuilder()
        .keyCodec(Codec.utf8())
        .valueCodec(Codec.bytes())
        .memory(Caches.MIB)
        .file(FileOptions.at(file, capacityBytes).withRecovery(recovery))
        .ticker(clock::get)
        .expireAfterWrite(Duration.ofDays(100_000))
        .build();
  }

  @Test
  @EnabledIfSystemProperty(named = "golden", matches = "write")
  void write() throws IOException {
    Path folder = Path.of(System.getProperty("basedir", "."), "src/test/resources/golden");
    GoldenFile.write(Files.createDirectories(folder), directory);
  }

  @ParameterizedTest
  @EnumSource(names = {"SKIP_DAMAGED", "STRICT"})
  void closedFileOfVersion3(Recovery recovery) throws IOException {
    Path file = GoldenFile.copy("v3.carafe", directory);
    for (int opened = 0; opened < 3; opened++) { // also what this engine wrote at close
      check(file, recovery, GoldenFile.closedContent(), GoldenFile.CLOSED_ABSENT);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SKIP_DAMAGED", "STRICT"})
  void truncatedFileOfVersion3(Recovery recovery) throws IOException {
    Path file = GoldenFile.copy("v3-cut.carafe", directory);
    for (int opened = 0; opened < 3; opened++) {
      check(file, recovery, GoldenFile.cutContent(), GoldenFile.CUT_ABSENT);
    }
  }

  /**
   * Its extents are not in the order of their slots, and its capacity can be changed again (D7).
   */
  @ParameterizedTest
  @EnumSource(names = {"SKIP_DAMAGED", "STRICT"})
  void fileOfVersion3WithChangedCapacity(Recovery recovery) throws IOException {
    Path file = GoldenFile.copy("v3-changed.carafe", directory);
    RingHistory rings = rings(file);
    assertEquals(4, rings.rings().size(), rings::toString);
    checkUnordered(file, rings, recovery);
  }

  /** As above, for changes of the open file, in which extents keep their slots. */
  @ParameterizedTest
  @EnumSource(names = {"SKIP_DAMAGED", "STRICT"})
  void fileOfVersion3ThatWasResizedInUse(Recovery recovery) throws IOException {
    Path file = GoldenFile.copy("v3-resized.carafe", directory);
    RingHistory rings = rings(file);
    assertTrue(rings.rings().getLast().kept() > 0, rings::toString);
    checkUnordered(file, rings, recovery);
  }

  private static RingHistory rings(Path file) throws IOException {
    MemorySegment block = MemorySegment.ofArray(new long[FormatVersion.BLOCK_BYTES / Long.BYTES]);
    block.copyFrom(MemorySegment.ofArray(Files.readAllBytes(file)).asSlice(0, block.byteSize()));
    return FileHeaderLayout.read(block).rings();
  }

  private void checkUnordered(Path file, RingHistory rings, Recovery recovery) {
    int[] slots = IntStream.range(0, rings.slots()).map(s -> rings.slotMap().slotOf(s)).toArray();
    assertFalse(Arrays.equals(IntStream.range(0, slots.length).toArray(), slots));
    long capacity = GoldenFile.CHANGED_CAPACITIES.getLast();
    for (long bytes : new long[] {capacity, capacity, 2 * capacity, capacity}) {
      check(open(file, recovery, bytes), GoldenFile.changedContent(), GoldenFile.CHANGED_ABSENT);
    }
  }

  private void check(
      Path file, Recovery recovery, Map<String, byte[]> content, List<String> absent) {
    check(open(file, recovery), content, absent);
  }

  private static void check(
      Carafe<String, byte[]> opened, Map<String, byte[]> content, List<String> absent) {
    try (Carafe<String, byte[]> cache = opened) {
      for (Map.Entry<String, byte[]> entry : content.entrySet()) {
        assertArrayEquals(
            entry.getValue(), cache.getIfPresent(entry.getKey()), "'" + entry.getKey() + "'");
      }
      for (String key : absent) {
        assertNull(cache.getIfPresent(key), key);
      }
      assertEquals(content.keySet(), cache.asMap().keySet());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1.carafe", "v1-cut.carafe", "v2.carafe", "v2-cut.carafe"})
  void otherVersionsAreRejected(String name) throws IOException {
    Path file = GoldenFile.copy(name, directory);
    byte[] before = Files.readAllBytes(file);
    FileFormatException refused =
        assertThrows(FileFormatException.class, () -> open(file, Recovery.SKIP_DAMAGED));
    assertEquals(file, refused.file());
    assertEquals("format version 3", refused.expected());
    assertEquals(
        "version "
            + name.charAt(1)
            + "; open the file with the Carafe version that wrote it, or delete it",
        refused.found());
    assertArrayEquals(before, Files.readAllBytes(file), "it is left as it is (contract D4)");
  }

  @Test
  void expiryIsTheStoredInstant() throws IOException {
    Path file = GoldenFile.copy("v3.carafe", directory);
    Duration untilLate = Duration.between(Instant.now(), GoldenFile.LATE);
    try (Carafe<String, byte[]> cache = open(file, Recovery.STRICT)) {
      clock.set(untilLate.minusMinutes(5).toNanos());
      assertNotNull(cache.getIfPresent("late"));
      assertNotNull(cache.getIfPresent("early"));
      clock.set(untilLate.plusMinutes(5).toNanos());
      assertNull(cache.getIfPresent("late"));
      assertNotNull(cache.getIfPresent("early"));
    }
    clock.set(0);
    try (Carafe<String, byte[]> cache = open(file, Recovery.STRICT)) {
      clock.set(untilLate.plusMinutes(5).toNanos());
      assertNull(cache.getIfPresent("late"), "from the file");
    }
  }
}
