package dev.carafe.bench.core;

import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.Region;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** An allocator of memory blocks that all threads share. */
sealed interface Allocator extends AutoCloseable {
  /** Returns an array of blocks for one thread. */
  Blocks blocks(int count);

  /** The smallest block size. */
  default int minBlockBytes() {
    return 1;
  }

  @Override
  default void close() {}

  /** An array of blocks, used by one thread. */
  interface Blocks {
    void allocate(int index, int bytes);

    void free(int index);
  }

  /** Creates an allocator by name, with room for {@code bytes} bytes. */
  static Allocator create(String name, long bytes) {
    return switch (name) {
      case "region" -> new RegionAllocator(bytes);
      case "pool" -> new PoolAllocator(bytes);
      case "malloc" -> new Malloc();
      case "netty" -> new Netty();
      case "confined" -> new Confined();
      case "direct" -> new Direct();
      default -> throw new IllegalArgumentException("unknown allocator " + name);
    };
  }

  /** A {@link Region}: chunks of one size. */
  final class RegionAllocator implements Allocator {
    static final int BLOCK_BYTES = 4096;
    private final Arena arena = Arena.ofShared();
    private final Region region;

    RegionAllocator(long bytes) {
      region = Region.init(BLOCK_BYTES, arena.allocate(bytes, BLOCK_BYTES));
    }

    @Override
    public int minBlockBytes() {
      return BLOCK_BYTES;
    }

    @Override
    public Blocks blocks(int count) {
      long[] handles = new long[count];
      return new Blocks() {
        @Override
        public void allocate(int index, int bytes) {
          handles[index] = region.allocSlot();
        }

        @Override
        public void free(int index) {
          region.freeSlot(handles[index]);
        }
      };
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /** A {@link ChunkPool}: chunks of any size. */
  final class PoolAllocator implements Allocator {
    private final Arena arena = Arena.ofShared();
    private final ChunkPool pool;

    PoolAllocator(long bytes) {
      pool = new ChunkPool(arena.allocate(bytes, RegionAllocator.BLOCK_BYTES));
    }

    @Override
    public Blocks blocks(int count) {
      long[] refs = new long[count];
      return new Blocks() {
        @Override
        public void allocate(int index, int bytes) {
          refs[index] = pool.tryAlloc(bytes);
        }

        @Override
        public void free(int index) {
          if (refs[index] != ChunkRef.NONE) {
            pool.free(refs[index]);
          }
        }
      };
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /** malloc and free of the C library, called through java.lang.foreign. */
  final class Malloc implements Allocator {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle MALLOC =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("malloc"),
            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("free"),
            FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));

    @Override
    public Blocks blocks(int count) {
      long[] addresses = new long[count];
      return new Blocks() {
        @Override
        public void allocate(int index, int bytes) {
          try {
            addresses[index] = (long) MALLOC.invokeExact((long) bytes);
          } catch (Throwable e) {
            throw new IllegalStateException(e);
          }
        }

        @Override
        public void free(int index) {
          try {
            FREE.invokeExact(addresses[index]);
          } catch (Throwable e) {
            throw new IllegalStateException(e);
          }
        }
      };
    }
  }

  /** Netty's pooled direct buffers. */
  final class Netty implements Allocator {
    private final PooledByteBufAllocator pool = new PooledByteBufAllocator(true);

    @Override
    public Blocks blocks(int count) {
      ByteBuf[] buffers = new ByteBuf[count];
      return new Blocks() {
        @Override
        public void allocate(int index, int bytes) {
          buffers[index] = pool.directBuffer(bytes, bytes);
        }

        @Override
        public void free(int index) {
          buffers[index].release();
        }
      };
    }
  }

  /** A confined arena for each block. */
  final class Confined implements Allocator {
    @Override
    public Blocks blocks(int count) {
      Arena[] arenas = new Arena[count];
      MemorySegment[] segments = new MemorySegment[count];
      return new Blocks() {
        @Override
        @SuppressWarnings("MustBeClosedChecker") // free closes it
        public void allocate(int index, int bytes) {
          arenas[index] = Arena.ofConfined();
          segments[index] = arenas[index].allocate(bytes);
        }

        @Override
        public void free(int index) {
          arenas[index].close();
        }
      };
    }
  }

  /** Direct buffers, freed by the garbage collector. */
  final class Direct implements Allocator {
    @Override
    public Blocks blocks(int count) {
      @Nullable ByteBuffer[] buffers = new @Nullable ByteBuffer[count];
      return new Blocks() {
        @Override
        public void allocate(int index, int bytes) {
          buffers[index] = ByteBuffer.allocateDirect(bytes);
        }

        @Override
        public void free(int index) {
          buffers[index] = null;
        }
      };
    }
  }
}
