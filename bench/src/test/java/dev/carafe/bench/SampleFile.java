package dev.carafe.bench;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/** Creates a cache file with two extents. */
final class SampleFile {
  static final int VALUES = 30;
  static final int REMOVED = 3;
  static final int VALUE_BYTES = 3000;
  static final int KEY_BYTES = 8;
  static final int HEADER_BYTES = 24;
  static final int RECORD_BYTES = HEADER_BYTES + KEY_BYTES + VALUE_BYTES;
  static final int EXTENT_BYTES = 64 * 1024;
  static final int BLOCK_BYTES = 4096;

  /** The offset of the first extent of the log: sequence 1 is in slot 1. */
  static final long EXTENT_AT = BLOCK_BYTES + EXTENT_BYTES;

  static final long RECORD_AT = EXTENT_AT + BLOCK_BYTES;

  private SampleFile() {}

  static Carafe<Long, byte[]> open(Path file) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(Codec.bytes())
        .memory(1 << 20)
        .file(FileOptions.at(file, FileOptions.MIN_CAPACITY_BYTES))
        .build();
  }

  static Path write(Path file) {
    try (Carafe<Long, byte[]> cache = open(file)) {
      SplittableRandom random = new SplittableRandom(1);
      for (long key = 0; key < VALUES; key++) {
        byte[] value = new byte[VALUE_BYTES];
        random.nextBytes(value);
        cache.put(key, value);
      }
      cache.flush();
      for (long key = 0; key < REMOVED; key++) {
        cache.invalidate(key);
      }
    }
    return file;
  }

  /** Returns the offset of a live record. The order of the records differs between runs. */
  static long liveRecord(Path file) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    long offset = RECORD_AT;
    while (all.getLong((int) offset + HEADER_BYTES) < REMOVED) {
      offset += RECORD_BYTES;
    }
    return offset;
  }

  /** Inverts one bit of one byte. */
  static void flip(Path file, long offset) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) (one.get(0) ^ 0x10)).flip();
      channel.write(one, offset);
    }
  }
}
