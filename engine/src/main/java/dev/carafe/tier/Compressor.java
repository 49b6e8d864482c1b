package dev.carafe.tier;

import dev.carafe.FileOptions;
import dev.carafe.base.Counter;
import dev.carafe.device.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;

/**
 * Compresses values with LZ4, from native memory to native memory. Scratch buffers of 256 KiB are
 * pooled. A value that needs more, or that finds no pooled buffer, is compressed into memory that
 * is mapped for it and confined to the thread.
 *
 * <p>The pooled buffers are unmapped when the compressor is closed, since unmapping memory that
 * threads share costs a handshake with every thread of the JVM.
 *
 * <p>Thread-safe.
 */
final class Compressor implements AutoCloseable {
  private static final int MIN_BYTES = 128;
  private static final int POOLED_BYTES = 256 * 1024;

  /** The maximum number of pooled scratch buffers (contract B3). */
  static final int MAX_POOLED = 16;

  /** Initialized on first use, since loading LZ4's native code takes 10 to 30 ms. */
  private static final class Lz4 {
    private static final LZ4Factory FACTORY = factory();
    static final LZ4Compressor COMPRESS = FACTORY.fastCompressor();
    static final LZ4SafeDecompressor DECOMPRESS = FACTORY.safeDecompressor();

    private Lz4() {}
  }

  private final ArrayBlockingQueue<NativeMemory> pooled = new ArrayBlockingQueue<>(MAX_POOLED);
  private final AtomicInteger pooledBuffers = new AtomicInteger();
  private final Counter mappedBytes = new Counter();

  private static LZ4Factory factory() {
    try {
      return LZ4Factory.nativeInstance();
    } catch (LinkageError | RuntimeException e) { // LZ4 has no native code for this system
      return LZ4Factory.safeInstance();
    }
  }

  /**
   * Initializes LZ4 if records are compressed, so that a put on a full heap does not fail at it.
   */
  static void load(FileOptions.Compression compression) {
    if (compression == FileOptions.Compression.LZ4) {
      var _ = Lz4.COMPRESS;
    }
  }

  /** A compressed value. The thread that compressed it releases it. */
  record Compressed(MemorySegment bytes, Scratch scratch) {}

  /** Memory to compress into: a pooled buffer, or memory confined to this thread. */
  private record Scratch(NativeMemory memory, boolean isPooled) {
    MemorySegment segment() {
      return memory.segment();
    }
  }

  /** Compresses a value. Returns null if it is below 128 B or if less than an eighth is saved. */
  @Nullable Compressed tryCompress(MemorySegment value) {
    int bytes = (int) value.byteSize();
    if (bytes < MIN_BYTES) {
      return null;
    }
    int room = Lz4.COMPRESS.maxCompressedLength(bytes);
    Scratch scratch = acquire(room);
    Compressed compressed = null;
    try {
      MemorySegment target = scratch.segment();
      int length =
          Lz4.COMPRESS.compress(value.asByteBuffer(), 0, bytes, target.asByteBuffer(), 0, room);
      if (length <= bytes - bytes / 8) {
        compressed = new Compressed(target.asSlice(0, length), scratch);
      }
      return compressed;
    } finally {
      if (compressed == null) {
        release(scratch);
      }
    }
  }

  /** Decompresses a value. Returns false if the bytes are not an LZ4 block of its length. */
  static boolean decompress(MemorySegment stored, MemorySegment value) {
    try {
      int length =
          Lz4.DECOMPRESS.decompress(
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

  private Scratch acquire(int bytes) {
    if (bytes <= POOLED_BYTES) {
      NativeMemory memory = pooled.poll();
      if (memory == null && pooledBuffers.get() < MAX_POOLED) {
        memory = tryMap();
      }
      if (memory != null) {
        return new Scratch(memory, true);
      }
    }
    Scratch scratch = new Scratch(NativeMemory.mapConfined(bytes), false);
    mappedBytes.add(bytes);
    return scratch;
  }

  private @Nullable NativeMemory tryMap() {
    if (pooledBuffers.incrementAndGet() > MAX_POOLED) {
      pooledBuffers.decrementAndGet();
      return null;
    }
    boolean mapped = false;
    try {
      NativeMemory memory = NativeMemory.map(POOLED_BYTES, false);
      mappedBytes.add(POOLED_BYTES);
      mapped = true;
      return memory;
    } finally {
      if (!mapped) {
        pooledBuffers.decrementAndGet();
      }
    }
  }

  void release(Compressed compressed) {
    release(compressed.scratch());
  }

  private void release(Scratch scratch) {
    if (scratch.isPooled()) {
      pooled.add(scratch.memory()); // never full: at most MAX_POOLED exist
    } else {
      mappedBytes.add(-scratch.segment().byteSize());
      scratch.memory().close();
    }
  }

  /** Returns the bytes of all scratch memory, pooled or in use. */
  long bytes() {
    return mappedBytes.sum();
  }

  @Override
  public void close() {
    pooled.forEach(NativeMemory::close);
  }
}
