package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code carafe size}: a cache of the computed sizes keeps all values, and takes that memory. */
final class SizeCommandTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"20000, 100", "3000, 4000", "200, 100000"})
  void aCacheOfTheseSizesKeepsAllValues(int entries, int valueBytes) {
    CommandRun run =
        CommandRun.of(
            "size", "--json", "--key", "8", "--entries", "" + entries, "--value", "" + valueBytes);
    assertEquals(0, run.exitCode(), run.err());
    Map<String, Object> sizes = Json.parse(run.out());
    Map<?, ?> parts = (Map<?, ?>) Objects.requireNonNull(sizes.get("parts"));
    try (Carafe<Long, byte[]> cache = open(sizes)) {
      SplittableRandom random = new SplittableRandom(entries);
      for (int round = 0; round < 3; round++) {
        for (long key = 0; key < entries; key++) {
          byte[] value = new byte[valueBytes];
          random.nextBytes(value);
          cache.put(key, value);
        }
      }
      cache.flush();
      assertEquals(0, cache.tierStats().file().reclaimed(), "records were discarded");
      Map<String, Long> used = cache.memoryUsage().bytesByTag();
      assertEquals(parts.get("extentBuffers"), used.get("extentBuffers"));
      assertEquals(parts.get("regions"), used.get("regions"));
      long index = (long) Objects.requireNonNull(parts.get("fileIndex"));
      assertTrue(used.getOrDefault("fileIndex", Long.MAX_VALUE) <= index, used::toString);
    }
    try (Carafe<Long, byte[]> cache = open(sizes)) {
      assertEquals(entries, cache.estimatedSize());
    }
  }

  /** The table of recent reads grows with the entries in memory. */
  @Test
  void theTableOfRecentReadsIsCounted() {
    int entries = 20_000;
    CommandRun run =
        CommandRun.of(
            "size --json --key 8 --value 100 --memory 150% --entries 20000".split(" ", -1));
    Map<String, Object> sizes = Json.parse(run.out());
    Map<?, ?> parts = (Map<?, ?>) Objects.requireNonNull(sizes.get("parts"));
    long expected = (long) Objects.requireNonNull(parts.get("recentReads"));
    try (Carafe<Long, byte[]> cache = open(sizes)) {
      for (long key = 0; key < entries; key++) {
        cache.put(key, new byte[100]);
      }
      long used = 0;
      for (int round = 0; used == 0; round++) {
        assertTrue(round < 100, "the cache uses no table");
        for (long key = 0; key < entries; key++) {
          assertNotNull(cache.getIfPresent(key));
        }
        used = cache.memoryUsage().bytesByTag().getOrDefault("recentReads", 0L);
      }
      assertTrue(used <= expected && used > expected / 2, used + " B, expected " + expected);
    }
  }

  private static long number(Map<String, Object> sizes, String name) {
    return (long) Objects.requireNonNull(sizes.get(name));
  }

  private Carafe<Long, byte[]> open(Map<String, Object> sizes) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(Codec.bytes())
        .memory(number(sizes, "memoryBytes"))
        .file(directory.resolve("sized.carafe"), number(sizes, "fileBytes"))
        .build();
  }

  @Test
  void printsText() {
    CommandRun run = CommandRun.of("size", "--entries", "1000", "--value", "1k");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("1,000 values: .memory(1048576).file(path, "), run.out());
    assertTrue(run.out().contains("extentBuffers"), run.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--entries 0 --value 1k", "--entries 5", "--entries x --value 1"})
  void rejectsBadUsage(String arguments) {
    assertEquals(2, CommandRun.of(("size " + arguments).split(" ")).exitCode());
  }
}
