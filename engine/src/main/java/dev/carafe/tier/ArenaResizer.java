package dev.carafe.tier;

import dev.carafe.base.Limits;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.HazardPointers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Changes the capacity of the memory tier while other threads use it. To grow, it makes reserved
 * addresses usable. To shrink, it relocates or evicts the entries beyond the new end, and gives
 * their memory back to the system. A chunk that is in use then, such as that of a lease, remains; a
 * thread that finds the memory full repeats the attempt.
 */
final class ArenaResizer {
  private static final int MAX_ATTEMPTS = 16;

  private final Arena arena;
  private final ChunkPool pool;
  private final HazardPointers hazardPointers;
  private final EntryEvacuator evacuator;
  private final PressureListener listener;
  private final ReentrantLock lock = new ReentrantLock();

  /** Whether chunks may be beyond the end; written under the lock. */
  private volatile boolean shrinking;

  ArenaResizer(
      Arena arena,
      ChunkPool pool,
      HazardPointers hazardPointers,
      EntryEvacuator evacuator,
      PressureListener listener) {
    this.arena = arena;
    this.pool = pool;
    this.hazardPointers = hazardPointers;
    this.evacuator = evacuator;
    this.listener = listener;
  }

  /** Changes the capacity: {@link SharedMemory#resize}. */
  boolean resize(long bytes, Consumer<? super List<MemorySegment>> register) {
    long length = Arena.wholePages(bytes);
    long max = arena.segment().byteSize();
    if (length < Limits.PAGE_BYTES || length > max) {
      throw new IllegalArgumentException(
          "memory is "
              + bytes
              + " bytes but must be between "
              + Limits.PAGE_BYTES
              + " and "
              + max
              + ", the addresses that were reserved when the cache was opened");
    }
    if (!arena.tryHold()) {
      throw new IllegalStateException("the memory tier is closed");
    }
    lock.lock();
    try {
      long before = pool.capacityBytes();
      arena.extendTo(length);
      pool.resize(length);
      shrinking = shrinking || length < before;
      boolean done = evacuate(MAX_ATTEMPTS);
      if (length != before) {
        register.accept(pool.buffers()); // before the memory beyond the end is given back
      }
      discard();
      return done;
    } finally {
      lock.unlock();
      arena.endHold();
    }
  }

  /** Continues to shrink, unless another thread does. */
  void continueShrinking() {
    if (shrinking && !lock.isHeldByCurrentThread() && lock.tryLock()) {
      try {
        if (evacuate(1)) {
          discard();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean evacuate(int attempts) {
    for (int attempt = 0; shrinking && attempt < attempts; attempt++) {
      listener.evictExcess();
      hazardPointers.scan();
      shrinking = !pool.evacuateBeyondEnd(evacuator);
      if (shrinking && attempt + 1 < attempts) {
        Thread.yield();
      }
    }
    return !shrinking;
  }

  /** A range of bytes of the arena. */
  private record Gap(long fromByte, long bytes) {}

  /** No chunk can be allocated beyond the end while this thread has the lock. */
  private void discard() {
    List<Gap> gaps = new ArrayList<>();
    pool.forEachGapBeyondEnd(arena.mappedBytes(), (from, bytes) -> gaps.add(new Gap(from, bytes)));
    for (Gap gap : gaps) {
      arena.discard(gap.fromByte, gap.bytes);
    }
  }
}
