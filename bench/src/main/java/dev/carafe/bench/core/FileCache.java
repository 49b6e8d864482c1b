package dev.carafe.bench.core;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.log.Geometry;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A cache with a file. All values have one length and contain their key.
 *
 * @param path the file
 * @param valueBytes the length of each value, at least 8
 * @param keys the number of keys, counted from 0
 * @param memoryBytes the memory for values
 * @param fileBytes the capacity of the file
 */
record FileCache(Path path, int valueBytes, long keys, long memoryBytes, long fileBytes) {
  private static final long SMALL_MEMORY = 48L << 20;

  /** A cache whose file holds all values and whose memory holds few. */
  static FileCache cold(Path path, int valueBytes, long totalBytes) {
    long keys = totalBytes / valueBytes;
    long fileBytes = keys * (valueBytes + 64L) * 11 / 10 + (128L << 20);
    return new FileCache(path, valueBytes, keys, SMALL_MEMORY, fileBytes);
  }

  /** Returns the geometry with which {@link #create} divides the file. */
  Geometry geometry() {
    return Geometry.of(fileBytes, memoryBytes);
  }

  /** Opens the cache with the entries of the file. */
  Carafe<Long, byte[]> open() {
    return open(Recovery.SKIP_DAMAGED);
  }

  /** Opens the cache empty. */
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
        writeKey(value, key);
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

  /** Writes the key into a value. */
  void writeKey(byte[] value, long key) {
    value[0] = (byte) key;
    value[valueBytes - 1] = (byte) (key >>> 8);
  }

  boolean isValid(long key, byte[] value) {
    return value.length == valueBytes
        && value[0] == (byte) key
        && value[valueBytes - 1] == (byte) (key >>> 8);
  }
}
