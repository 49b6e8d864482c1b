package dev.carafe.bench.core;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Recovery;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A cache with a file, and values of one length in it, each of which says whose it is.
 *
 * @param path of the file
 * @param valueBytes of each value, at least 8
 * @param keys how many there are: 0, 1, 2, …
 * @param memoryBytes for values in memory
 * @param fileBytes the file's capacity
 */
record FileCache(Path path, int valueBytes, long keys, long memoryBytes, long fileBytes) {
  private static final long SMALL_MEMORY = 48L << 20;

  /** With room for all in the file, and for next to none in memory. */
  static FileCache cold(Path path, int valueBytes, long totalBytes) {
    long keys = totalBytes / valueBytes;
    long fileBytes = keys * (valueBytes + 64L) * 11 / 10 + (128L << 20);
    return new FileCache(path, valueBytes, keys, SMALL_MEMORY, fileBytes);
  }

  /** Opens it with what the file holds. */
  Carafe<Long, byte[]> open() {
    return open(Recovery.SKIP_DAMAGED);
  }

  /** Opens it empty. */
  Carafe<Long, byte[]> create() {
    return open(Recovery.EMPTY);
  }

  private Carafe<Long, byte[]> open(Recovery recovery) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(Codec.bytes())
        .memory(memoryBytes)
        .file(
            FileOptions.at(path, fileBytes)
                .withRecovery(recovery)
                .withCompression(FileOptions.Compression.NONE))
        .build();
  }

  /** Writes all values and closes the cache. */
  void fill() {
    try (Carafe<Long, byte[]> cache = create()) {
      byte[] value = bytes();
      for (long key = 0; key < keys; key++) {
        mark(value, key);
        cache.put(key, value);
      }
    }
  }

  /** Returns the bytes of a new value. */
  byte[] bytes() {
    byte[] value = new byte[valueBytes];
    new SplittableRandom(1).nextBytes(value);
    return value;
  }

  /** Makes a value a key's. */
  void mark(byte[] value, long key) {
    value[0] = (byte) key;
    value[valueBytes - 1] = (byte) (key >>> 8);
  }

  boolean isRight(long key, byte[] value) {
    return value.length == valueBytes
        && value[0] == (byte) key
        && value[valueBytes - 1] == (byte) (key >>> 8);
  }
}
