package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.CaffeineSpec;
import com.github.benmanes.caffeine.cache.Scheduler;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.FileOptions.Overload;
import dev.carafe.FileOptions.Persist;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.spi.SettingText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings of a builder as text, in the syntax of {@code CaffeineSpec}. */
final class BuilderSpecTest {
  @TempDir Path directory;

  private static Carafe<Long, byte[]> open(String spec) {
    CarafeBuilder<Long, byte[]> builder =
        CarafeBuilder.from(spec).keyCodec(Codec.int64()).valueCodec(Codec.bytes());
    return builder.build();
  }

  private static void assertRefused(String spec, String... words) {
    var error = assertThrows(IllegalArgumentException.class, () -> CarafeBuilder.from(spec), spec);
    for (String word : words) {
      String message = String.valueOf(error.getMessage());
      assertTrue(message.contains(word), () -> "expected '" + word + "' in: " + message);
    }
  }

  @Test
  void everySettingIsParsed() throws Exception {
    Path file = directory.resolve("a=b.carafe");
    String spec =
        " memory = 64K, indexMemory=8m,file= "
            + file
            + " ,fileSize=1m,,persist=misses+evictions,recovery=skip_damaged,io=channel"
            + ",compression=none,overload=Drop,persistWithin=1s,expireAfterWrite=1h,recordStats,"
            + "recordMissRatioCurve,writeBudget=1g";
    try (Carafe<Long, byte[]> cache = open(spec)) {
      assertEquals(64 << 10, cache.memoryUsage().budgetBytes());
      assertEquals(
          Duration.ofHours(1), cache.policy().expireAfterWrite().orElseThrow().getExpiresAfter());
      assertTrue(cache.policy().isRecordingStats());
      assertNotNull(cache.tierStats().missRatioCurve());
      assertTrue(cache.health().device().contains("CHANNEL"), cache.health()::toString);
      cache.put(1L, new byte[] {1, 2});
    }
    assertTrue(Files.size(file) <= 1 << 20);
    try (Carafe<Long, byte[]> cache = open(spec)) {
      assertArrayEquals(new byte[] {1, 2}, cache.getIfPresent(1L));
    }
    try (Carafe<Long, byte[]> cache = open(spec.replace("skip_damaged", "empty"))) {
      assertNull(cache.getIfPresent(1L));
    }
    try (Carafe<Long, byte[]> cache = open("memory=1m,expireAfterAccess=PT2M")) {
      assertEquals(
          Duration.ofMinutes(2),
          cache.policy().expireAfterAccess().orElseThrow().getExpiresAfter());
    }
    try (Carafe<String, String> cache =
        CarafeBuilder.from("memory=1m,refreshAfterWrite=3s")
            .keyCodec(Codec.utf8())
            .valueCodec(Codec.utf8())
            .build((String key) -> key)) {
      assertEquals(
          Duration.ofSeconds(3),
          cache.policy().refreshAfterWrite().orElseThrow().getRefreshesAfter());
    }
  }

  @Test
  void everyFileModeIsParsed() {
    FileOptions options = FileOptions.at(Path.of("a"), 1 << 20);
    for (Recovery each : Recovery.values()) {
      assertEquals(each, SettingText.withMode(options, "recovery", each.name()).recovery());
    }
    for (Io each : Io.values()) {
      String name = each.name().toLowerCase(Locale.ROOT).replace('_', '-');
      assertEquals(each, SettingText.withMode(options, "io", name).io());
    }
    for (Compression each : Compression.values()) {
      assertEquals(each, SettingText.withMode(options, "compression", each.name()).compression());
    }
    for (Overload each : Overload.values()) {
      assertEquals(each, SettingText.withMode(options, "overload", each.name()).overload());
    }
    assertEquals(Set.of(), SettingText.withMode(options, "persist", "none").persist());
    assertEquals(
        Set.of(Persist.MISSES), SettingText.withMode(options, "persist", "misses").persist());
    assertEquals(
        Set.of(Persist.MISSES, Persist.EVICTIONS),
        SettingText.withMode(options, "persist", "evictions + misses").persist());
  }

  @Test
  void errorsNameTheValidSyntax() {
    assertRefused("memory=many", "memory", "'many'", "64k");
    assertRefused("memory", "memory", "64k");
    assertRefused("memory=1.5g", "1.5g", "64k");
    assertRefused("memory=99999999999g", "99999999999g", "EiB");
    assertRefused("memory=-1", "'-1'", "64k");
    assertRefused("memory=1k", "memory", "1024", "16384");
    assertRefused("memory=1m,memory=2m", "memory", "1m", "2m");
    assertRefused("memroy=1m", "memroy", "memory");
    assertRefused("file=/a/b", "/a/b", "fileSize=1g");
    assertRefused("file=,fileSize=1m", "file", "path");
    assertRefused("fileSize=1m", "fileSize", "1m", "file=PATH");
    assertRefused("memory=1m,io=uring", "io", "uring", "file=PATH");
    assertRefused("file=a,fileSize=1k", "fileSize", "1024", "" + FileOptions.MIN_CAPACITY_BYTES);
    assertRefused("file=a,fileSize=1m,io=fast", "io", "'fast'", "auto, fixed_buffers, uring");
    assertRefused("file=a,fileSize=1m,persist=all", "'all'", "misses, evictions", "none");
    assertRefused("file=a,fileSize=1m,recovery=", "recovery", "empty, skip_damaged, strict");
    assertRefused("file=a,fileSize=1m,compression=zip", "compression", "'zip'", "none, lz4");
    assertRefused("file=a,fileSize=1m,overload=block", "overload", "'block'", "wait, drop");
    assertRefused("expireAfterWrite=10", "expireAfterWrite", "'10'", "10m", "PT1H30M");
    assertRefused("expireAfterWrite=-10m", "expireAfterWrite", "'-10m'", "zero or more");
    assertRefused("persistWithin=0s", "persistWithin", "0s", "positive");
    assertRefused("refreshAfterWrite=0s", "refreshAfterWrite", "0s", "positive");
    assertRefused("expireAfterWrite=1h,expireAfterAccess=2h", "expireAfterAccess", "1H", "2H");
    assertRefused("scheduler=fast", "scheduler", "'fast'", "system");
    assertRefused("recordStats=true", "recordStats", "'true'", "without a value");
    assertRefused("recordMissRatioCurve=1", "recordMissRatioCurve", "'1'", "without a value");
    assertRefused("=1", "'=1'");
  }

  @Test
  void unsupportedCaffeineKeysAreRejected() {
    assertRefused("maximumSize=100", "maximumSize=100", "memory");
    assertRefused("maximumWeight=100", "maximumWeight", "memory");
    assertRefused("initialCapacity=16", "initialCapacity", "leave it out");
    assertRefused("weakKeys", "weakKeys", "leave it out");
    assertRefused("weakValues", "weakValues", "leave it out");
    assertRefused("softValues", "softValues", "leave it out");
  }

  @Test
  void systemSchedulerIsParsed() {
    var builder = CarafeBuilder.from("memory=1m,scheduler=system");
    var error =
        assertThrows(
            IllegalStateException.class, () -> builder.scheduler(Scheduler.disabledScheduler()));
    assertTrue(
        String.valueOf(error.getMessage()).contains(Scheduler.systemScheduler().toString()),
        error::toString);
  }

  @Test
  void settingsOfTheTextAreNotRepeatedInCode() {
    var builder = CarafeBuilder.from("memory=1m");
    var error = assertThrows(IllegalStateException.class, () -> builder.memory(2 << 20));
    assertTrue(String.valueOf(error.getMessage()).contains("1048576"), error::toString);
  }

  @Test
  void durationsHaveCaffeinesSyntax() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    String[] parts = {
      "1", "10", "0", "d", "h", "m", "s", "S", "P", "T", "p", " ", "-", "+", "x", "_"
    };
    for (String each :
        new String[] {"10m", "PT10M", "pt10m", "P1D", "1D", "m", "", "p", "1_0s", "PT0.5S"}) {
      assertSameDuration(each, "");
    }
    for (int i = 0; i < 3_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      assertSameDuration(text.toString(), "seed " + seed);
    }
  }

  private static void assertSameDuration(String text, String seed) {
    Duration theirs =
        durationOrNull(() ->
            Caffeine.from(CaffeineSpec.parse("expireAfterWrite=" + text))
                .build()
                .policy()
                .expireAfterWrite()
                .orElseThrow()
                .getExpiresAfter());
    Duration ours = durationOrNull(() -> SettingText.duration("expireAfterWrite", text.strip()));
    assertEquals(theirs, ours, () -> "'" + text + "' " + seed);
    if (ours != null) {
      assertNotNull(CarafeBuilder.from("expireAfterWrite=" + text));
    }
  }

  private static @Nullable Duration durationOrNull(Supplier<Duration> parsed) {
    try {
      return parsed.get();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
