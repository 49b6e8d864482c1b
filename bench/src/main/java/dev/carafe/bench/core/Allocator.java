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

/** Something that hands out blocks of memory; one for all threads. */
sealed interface Allocator extends AutoCloseable {
  /** A place for the blocks of one thread. */
  Held hold(int blocks);

  /** The shortest block it has. */
  default int shortestBytes() {
    return 1;
  }

  @Override
  default void close() {}

  /** The blocks of one thread, each in a numbered place. */
  interface Held {
    void take(int place, int bytes);

    void give(int place);
  }

  /** Makes the one of a name, with room for so many bytes. */
  static Allocator named(String name, long bytes) {
    return switch (name) {
      case "region" -> new OfRegion(bytes);
      case "pool" -> new OfPool(bytes);
      case "malloc" -> new Malloc();
      case "netty" -> new Netty();
      case "confined" -> new Confined();
      case "direct" -> new Direct();
      default -> throw new IllegalArgumentException("there is no allocator " + name);
    };
  }

  /** Chunks of one size, of a {@link Region}. */
  final class OfRegion implements Allocator {
    static final int BLOCK_BYTES = 4096;
    private final Arena arena = Arena.ofShared();
    private final Region region;

    OfRegion(long bytes) {
      region = Region.init(BLOCK_BYTES, arena.allocate(bytes, BLOCK_BYTES));
    }

    @Override
    public int shortestBytes() {
      return BLOCK_BYTES;
    }

    @Override
    public Held hold(int blocks) {
      long[] handles = new long[blocks];
      return new Held() {
        @Override
        public void take(int place, int bytes) {
          handles[place] = region.allocSlot();
        }

        @Override
        public void give(int place) {
          region.freeSlot(handles[place]);
        }
      };
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /** Chunks of any size, of a {@link ChunkPool}. */
  final class OfPool implements Allocator {
    private final Arena arena = Arena.ofShared();
    private final ChunkPool pool;

    OfPool(long bytes) {
      pool = new ChunkPool(arena.allocate(bytes, OfRegion.BLOCK_BYTES));
    }

    @Override
    public Held hold(int blocks) {
      long[] refs = new long[blocks];
      return new Held() {
        @Override
        public void take(int place, int bytes) {
          refs[place] = pool.tryAlloc(bytes);
        }

        @Override
        public void give(int place) {
          if (refs[place] != ChunkRef.NONE) {
            pool.free(refs[place]);
          }
        }
      };
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /** The C library's, called through java.lang.foreign. */
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
    public Held hold(int blocks) {
      long[] addresses = new long[blocks];
      return new Held() {
        @Override
        public void take(int place, int bytes) {
          try {
            addresses[place] = (long) MALLOC.invokeExact((long) bytes);
          } catch (Throwable e) {
            throw new IllegalStateException(e);
          }
        }

        @Override
        public void give(int place) {
          try {
            FREE.invokeExact(addresses[place]);
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
    public Held hold(int blocks) {
      ByteBuf[] buffers = new ByteBuf[blocks];
      return new Held() {
        @Override
        public void take(int place, int bytes) {
          buffers[place] = pool.directBuffer(bytes, bytes);
        }

        @Override
        public void give(int place) {
          buffers[place].release();
        }
      };
    }
  }

  /** An arena for each block, closed by its thread. */
  final class Confined implements Allocator {
    @Override
    public Held hold(int blocks) {
      Arena[] arenas = new Arena[blocks];
      MemorySegment[] segments = new MemorySegment[blocks];
      return new Held() {
        @Override
        @SuppressWarnings("MustBeClosedChecker") // give closes it
        public void take(int place, int bytes) {
          arenas[place] = Arena.ofConfined();
          segments[place] = arenas[place].allocate(bytes);
        }

        @Override
        public void give(int place) {
          arenas[place].close();
        }
      };
    }
  }

  /** Direct buffers, given back by the garbage collector. */
  final class Direct implements Allocator {
    @Override
    public Held hold(int blocks) {
      @Nullable ByteBuffer[] buffers = new @Nullable ByteBuffer[blocks];
      return new Held() {
        @Override
        public void take(int place, int bytes) {
          buffers[place] = ByteBuffer.allocateDirect(bytes);
        }

        @Override
        public void give(int place) {
          buffers[place] = null;
        }
      };
    }
  }
}
