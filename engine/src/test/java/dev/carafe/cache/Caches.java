package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.TierStats;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Builders, values and checks that the tests of this package share. */
final class Caches {
  static final long MIB = 1 << 20;

  private Caches() {}

  static CarafeBuilder<Long, byte[]> builder(long memoryBytes) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(Codec.bytes())
        .memory(memoryBytes);
  }

  static CarafeBuilder<Long, byte[]> builder(long memoryBytes, Path file, long fileBytes, Io io) {
    return builder(memoryBytes).file(FileOptions.at(file, fileBytes).withIo(io));
  }

  /** Returns the builder of a small cache of strings, with a file unless the path is null. */
  static CarafeBuilder<String, String> strings(@Nullable Path file) {
    CarafeBuilder<String, String> builder =
        Carafe.newBuilder().keyCodec(Codec.utf8()).valueCodec(Codec.utf8()).memory(MIB);
    return file == null ? builder : builder.file(file, 4 * MIB);
  }

  /** Returns incompressible bytes that are unique for key, version and length. */
  static byte[] value(long key, long version, int bytes) {
    byte[] value = new byte[bytes];
    SplittableRandom random =
        new SplittableRandom(key * 0x9E3779B97F4A7C15L + version * 31 + bytes);
    random.nextBytes(value);
    return value;
  }

  /** Checks that the entries that entered a tier have left it or are in it (contract B3). */
  static void checkCounters(Carafe<?, ?> cache) {
    checkCounters(cache.tierStats());
  }

  /** Checks the counters of a cache that has its file for itself, or of a store. */
  static void checkCounters(TierStats stats) {
    var m = stats.memory();
    assertEquals(
        m.puts() + m.promotions(),
        m.overwritten()
            + m.invalidated()
            + m.spilled()
            + m.droppedClean()
            + m.dropped()
            + m.expired()
            + m.entries(),
        m::toString);
    var f = stats.file();
    assertEquals(
        f.recovered() + f.stored() + f.buffered(),
        f.removed()
            + f.replaced()
            + f.reclaimed()
            + f.expired()
            + f.damaged()
            + f.lost()
            + f.records(),
        f::toString);
  }
}
