package dev.carafe.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.FileOptions.Overload;
import dev.carafe.device.Devices;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.region.ChunkPool;
import dev.carafe.tier.ChunkSource;
import dev.carafe.tier.DirtySource;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileRemovalListener;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileTierOptions;
import dev.carafe.tier.StoreResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The contents of the golden files of format version 3, and the program that wrote them. After the
 * first release they are never written again; a new version adds its own files.
 *
 * <p>{@code v3.carafe} was closed. All extents are sealed, the log has wrapped around, values were
 * reinserted, and it has TAIL records and tombstones. Values are raw and compressed; one has
 * expired and one will expire. {@code v3-cut.carafe} was copied after a flush, as a power cut
 * leaves it: with a CLEAR record, the padding of two flushes, and an extent without a directory.
 * {@code v3-changed.carafe} was closed after its capacity was raised, lowered and raised again, so
 * its slots are in no order and its header has four rings. {@code v3-resized.carafe} has the same
 * content and went through the same capacities while it was open, so extents kept their slots.
 *
 * <p>{@code mvn -B test -pl engine -am -Dtest=GoldenFileTest#write -Dgolden=write
 * -Dsurefire.failIfNoSpecifiedTests=false} writes those that are missing.
 */
final class GoldenFile {
  static final long CAPACITY_BYTES = FileOptions.MIN_CAPACITY_BYTES;

  /** The clock with which the files were written. */
  static final Instant WRITTEN = Instant.parse("2026-01-01T00:00:00Z");

  static final Instant SOON = Instant.parse("2026-02-01T00:00:00Z");
  static final Instant LATE = Instant.parse("2100-01-01T00:00:00Z");

  private static final long NEVER = Long.MAX_VALUE;
  private static final int FILLERS = 40;
  private static final int FILLER_ROUNDS = 8;

  private GoldenFile() {}

  /** Returns all keys and values of the closed file. */
  static Map<String, byte[]> closedContent() {
    Map<String, byte[]> content = new LinkedHashMap<>();
    content.put("early", pattern("early", 3000));
    content.put("overwritten", pattern("overwritten, the last", 100));
    content.put("empty", new byte[0]);
    content.put("", pattern("the empty key", 10));
    content.put("k".repeat(1000), pattern("the long key", 1));
    content.put("kanne, große, 水瓶", "Wasser".getBytes(UTF_8));
    content.put("compressed", pattern("compressed", 20_000));
    content.put("large", Caches.value(1, 1, 40_000));
    content.put("late", pattern("late", 500));
    for (int i = 0; i < FILLERS; i++) {
      content.put("filler-" + i, pattern("filler " + i + " of round " + (FILLER_ROUNDS - 1), 2000));
    }
    return content;
  }

  static final List<String> CLOSED_ABSENT = List.of("removed early", "removed late", "soon");

  /** Returns all keys and values of the truncated file. */
  static Map<String, byte[]> cutContent() {
    Map<String, byte[]> content = new LinkedHashMap<>();
    content.put("after the clear", pattern("after the clear", 50));
    content.put("twice", pattern("twice, the last", 300));
    content.put("second flush", pattern("second flush", 5000));
    return content;
  }

  /** Returns all keys and values of the file with changed capacity. */
  static Map<String, byte[]> changedContent() {
    Map<String, byte[]> content = new LinkedHashMap<>();
    content.put("overwritten", pattern("overwritten, the last", 100));
    for (int i = 0; i < FILLERS; i++) {
      content.put("filler-" + i, pattern("filler " + i + " of round 3", 2000));
    }
    return content;
  }

  static final List<String> CHANGED_ABSENT = List.of("removed");

  /** The capacities of its openings; the last one is current. */
  static final List<Long> CHANGED_CAPACITIES =
      List.of(CAPACITY_BYTES, 2 * CAPACITY_BYTES, CAPACITY_BYTES * 3 / 2, 2 * CAPACITY_BYTES);

  static final List<String> CUT_ABSENT = List.of("before the clear", "removed");

  /** Copies a golden file, since opening changes it. */
  static Path copy(String name, Path directory) throws IOException {
    Path copy = directory.resolve(name);
    String resource = "/golden/" + name + ".gz";
    try (InputStream zipped =
            Objects.requireNonNull(GoldenFile.class.getResourceAsStream(resource), resource);
        InputStream in = new GZIPInputStream(zipped)) {
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
    }
    return copy;
  }

  /** Writes the files in a temporary directory, and compresses them with gzip. */
  static void write(Path folder, Path scratch) throws IOException {
    if (!Files.exists(folder.resolve("v3.carafe.gz"))) {
      Path closed = scratch.resolve("v3.carafe");
      try (FileTier tier = open(closed, Compression.NONE)) {
        writeRaw(tier);
      }
      try (FileTier tier = open(closed, Compression.LZ4)) {
        put(tier, "compressed", pattern("compressed", 20_000), NEVER);
      }
      zip(closed, folder.resolve("v3.carafe.gz"));
    }
    if (!Files.exists(folder.resolve("v3-cut.carafe.gz"))) {
      Path cut = scratch.resolve("v3-cut.carafe");
      try (FileTier tier = open(cut, Compression.NONE)) {
        writeFlushed(tier);
        zip(cut, folder.resolve("v3-cut.carafe.gz"));
      }
    }
    if (!Files.exists(folder.resolve("v3-changed.carafe.gz"))) {
      Path changed = scratch.resolve("v3-changed.carafe");
      for (int round = 0; round < CHANGED_CAPACITIES.size(); round++) {
        try (FileTier tier = open(changed, CHANGED_CAPACITIES.get(round), Compression.NONE)) {
          writeRound(tier, round);
        }
      }
      zip(changed, folder.resolve("v3-changed.carafe.gz"));
    }
    if (!Files.exists(folder.resolve("v3-resized.carafe.gz"))) {
      Path resized = scratch.resolve("v3-resized.carafe");
      try (FileTier tier = open(resized, Compression.NONE)) {
        for (int round = 0; round < CHANGED_CAPACITIES.size(); round++) {
          tier.capacity().resize(CHANGED_CAPACITIES.get(round));
          writeRound(tier, round);
        }
      }
      zip(resized, folder.resolve("v3-resized.carafe.gz"));
    }
  }

  private static void writeRound(FileTier tier, int round) {
    put(tier, "removed", pattern("removed", 3000), NEVER);
    for (int lap = 0; lap < FILLER_ROUNDS; lap++) {
      for (int i = 0; i < FILLERS; i++) {
        put(tier, "filler-" + i, pattern("filler " + i + " of round " + round, 2000), NEVER);
      }
    }
    remove(tier, "removed");
    put(tier, "overwritten", pattern(round == 3 ? "overwritten, the last" : "old", 100), NEVER);
  }

  private static void writeRaw(FileTier tier) {
    put(tier, "early", pattern("early", 3000), NEVER);
    put(tier, "overwritten", pattern("overwritten, the first", 3000), NEVER);
    put(tier, "removed early", pattern("removed early", 3000), NEVER);
    remove(tier, "removed early");
    for (int round = 0; round < FILLER_ROUNDS; round++) {
      for (int i = 0; i < FILLERS; i++) {
        put(tier, "filler-" + i, pattern("filler " + i + " of round " + round, 2000), NEVER);
      }
    }
    put(tier, "removed late", pattern("removed late", 3000), NEVER);
    put(tier, "overwritten", pattern("overwritten, the last", 100), NEVER);
    put(tier, "empty", new byte[0], NEVER);
    put(tier, "", pattern("the empty key", 10), NEVER);
    put(tier, "k".repeat(1000), pattern("the long key", 1), NEVER);
    put(tier, "kanne, große, 水瓶", "Wasser".getBytes(UTF_8), NEVER);
    put(tier, "soon", pattern("soon", 500), nanos(SOON));
    put(tier, "late", pattern("late", 500), nanos(LATE));
    remove(tier, "removed late");
    put(tier, "large", Caches.value(1, 1, 40_000), NEVER);
  }

  private static void writeFlushed(FileTier tier) {
    put(tier, "before the clear", pattern("before the clear", 50), NEVER);
    tier.clear(CacheNumber.ALL);
    tier.capacity().reclaimDead();
    put(tier, "after the clear", pattern("after the clear", 50), NEVER);
    put(tier, "removed", pattern("removed", 50), NEVER);
    put(tier, "twice", pattern("twice, the first", 300), NEVER);
    tier.flush();
    remove(tier, "removed");
    put(tier, "twice", pattern("twice, the last", 300), NEVER);
    put(tier, "second flush", pattern("second flush", 5000), NEVER);
    tier.flush();
  }

  private static FileTier open(Path path, Compression compression) {
    return open(path, CAPACITY_BYTES, compression);
  }

  private static FileTier open(Path path, long capacityBytes, Compression compression) {
    FileOptions options =
        FileOptions.at(path, capacityBytes).withIo(Io.CHANNEL).withCompression(compression);
    return FileTier.open(
        new FileTierOptions(
            options,
            new CodecNames("utf8/1", "bytes/1"),
            Long.MAX_VALUE,
            () -> nanos(WRITTEN),
            FileRemovalListener.NONE,
            DirtySource.NONE),
        fixed -> Devices.open(path, Io.CHANNEL, fixed),
        new NoChunks());
  }

  private static void put(FileTier tier, String key, byte[] value, long expiresAtNanos) {
    StoreResult stored =
        tier.put(keyOf(tier, key), MemorySegment.ofArray(value), expiresAtNanos, Overload.WAIT);
    if (stored != StoreResult.STORED) {
      throw new IllegalStateException(key + ": " + stored);
    }
  }

  private static void remove(FileTier tier, String key) {
    if (!tier.remove(keyOf(tier, key), true)) {
      throw new IllegalStateException(key + " was not there");
    }
  }

  private static FileKey keyOf(FileTier tier, String key) {
    MemorySegment bytes = MemorySegment.ofArray(key.getBytes(UTF_8));
    return new FileKey(bytes, tier.hashOf(bytes));
  }

  private static void zip(Path file, Path zipped) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      Files.copy(file, out);
    }
  }

  static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  /** Returns a repeated text. */
  private static byte[] pattern(String text, int bytes) {
    byte[] unit = text.getBytes(UTF_8);
    byte[] all = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      all[i] = unit[i % unit.length];
    }
    return all;
  }

  /** A source without chunks, since writing the files reads no values. */
  private static final class NoChunks implements ChunkSource {
    @Override
    public long capacityBytes() {
      return 0;
    }

    @Override
    public long alloc(int bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void free(long ref) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ChunkPool pool() {
      throw new UnsupportedOperationException();
    }
  }
}
