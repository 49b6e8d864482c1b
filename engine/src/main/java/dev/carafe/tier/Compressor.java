package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;

/**
 * LZ4, into and out of native memory. Scratch memory is pooled for values of usual size, so that
 * compressing allocates next to nothing.
 */
final class Compressor implements AutoCloseable {
  private static final int MIN_BYTES = 128;
  private static final int POOLED_BYTES = 256 * 1024;

  /** More threads than that compress at once, but what they took is not kept (contract B3). */
  static final int MAX_POOLED = 16;

  private static final LZ4Factory LZ4 = factory();
  private static final LZ4Compressor COMPRESS = LZ4.fastCompressor();
  private static final LZ4SafeDecompressor DECOMPRESS = LZ4.safeDecompressor();

  private final ArrayBlockingQueue<NativeMemory> pooled = new ArrayBlockingQueue<>(MAX_POOLED);
  private final LongAdder mappedBytes = new LongAdder();

  private static LZ4Factory factory() {
    try {
      return LZ4Factory.nativeInstance();
    } catch (LinkageError | RuntimeException e) { // no native code for this system
      return LZ4Factory.safeInstance();
    }
  }

  /** A compressed value; to be given back. */
  record Compressed(MemorySegment bytes, NativeMemory memory) {}

  /** Compresses a value, if that saves at least an eighth. */
  @Nullable Compressed tryCompress(MemorySegment value) {
    int bytes = (int) value.byteSize();
    if (bytes < MIN_BYTES) {
      return null;
    }
    int room = COMPRESS.maxCompressedLength(bytes);
    NativeMemory memory = take(room);
    int length =
        COMPRESS.compress(value.asByteBuffer(), 0, bytes, memory.segment().asByteBuffer(), 0, room);
    if (length > bytes - bytes / 8) {
      giveBack(memory);
      return null;
    }
    return new Compressed(memory.segment().asSlice(0, length), memory);
  }

  /** Restores a value; false if the bytes are no LZ4 block of that length. */
  static boolean decompress(MemorySegment stored, MemorySegment value) {
    try {
      int length =
          DECOMPRESS.decompress(
              stored.asByteBuffer(),
              0,
              (int) stored.byteSize(),
              value.asByteBuffer(),
              0,
              (int) value.byteSize());
      return length == value.byteSize();
    } catch (LZ4Exception e) {
      return false;
    }
  }

  private NativeMemory take(int bytes) {
    NativeMemory free = bytes > POOLED_BYTES ? null : pooled.poll();
    return free != null ? free : map(Math.max(bytes, POOLED_BYTES));
  }

  private NativeMemory map(int bytes) {
    NativeMemory memory = NativeMemory.map(bytes, false);
    mappedBytes.add(bytes);
    return memory;
  }

  void giveBack(Compressed compressed) {
    giveBack(compressed.memory());
  }

  private void giveBack(NativeMemory memory) {
    long bytes = memory.segment().byteSize();
    if (bytes != POOLED_BYTES || !pooled.offer(memory)) {
      mappedBytes.add(-bytes);
      memory.close();
    }
  }

  /** What is mapped now, in the pool or in use. */
  long bytes() {
    return mappedBytes.sum();
  }

  @Override
  public void close() {
    pooled.forEach(NativeMemory::close);
  }
}
