package dev.carafe.tier;

import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Records the accesses of a sample of keys, to estimate the hit ratios of other sizes ({@link
 * ReuseDistances}). The threads of the application record an access in a buffer. The thread that
 * finds its part of the buffer full processes all events, unless another one does; then its event
 * is lost. So no thread waits for another one, except for {@link #clear} and for snapshots. The
 * lost reads are not part of the estimate.
 *
 * <p>Thread-safe. Proved by {@code AccessSampleTest}.
 */
public final class AccessSample {
  private static final int SIZE_BITS = 28;
  private static final long SIZE_MASK = (1L << SIZE_BITS) - 1;
  private static final int SIZE_UNIT = 8; // bytes

  /** What an event records. The first word is: hash, 1, kind, bytes in units. */
  private static final int MISS = 0;

  private static final int MEMORY_HIT = 1;
  private static final int FILE_HIT = 2;
  private static final int WRITE = 3;
  private static final int REMOVAL = 4;
  private static final int KIND_BITS = 3;

  private static final int EVENTS_PER_CHECK = 1 << 13;
  private static final int TOLERATED_LOSS = 16; // one in this many reads

  private final Sizes sizes;
  private final ChunkPool pool;
  private final LongSupplier nowNanos;
  private final ReentrantLock lock = new ReentrantLock();

  /** The distances up to those of a multiple of the memory tier. Guarded by lock. */
  private final ReuseDistances near;

  /** All distances of interest, in a smaller sample. Null without a file. Guarded by lock. */
  private final @Nullable ReuseDistances far;

  private final AccessBuffer buffer = new AccessBuffer();
  private final AccessBuffer.Receiver receiver = this::receive;
  private final Losses losses = new Losses();
  private volatile int mask;
  private long drainNanos; // guarded by lock

  /** Counts the reads that were not recorded since the buffer was full. */
  private static final class Losses {
    /** The reads that the lost events stand for. */
    final LongAdder reads = new LongAdder();

    private long processed; // events since the last check; guarded by the lock of the sample
    private long before; // the reads at the last check; guarded likewise

    /** Counts a processed event. */
    void countProcessed() {
      processed++;
    }

    /**
     * Returns whether many reads are lost, since more are recorded than are processed.
     *
     * @param shift of the sample
     */
    boolean areMany(int shift) {
      if (processed < EVENTS_PER_CHECK) {
        return false;
      }
      long lost = reads.sum();
      boolean many = lost - before > (processed << shift) / TOLERATED_LOSS;
      before = lost;
      processed = 0;
      return many;
    }
  }

  /**
   * The sizes that the estimates concern, in bytes of the arena.
   *
   * @param heldBytes what the memory tier holds when it is full
   * @param maxMemoryBytes the largest memory tier that is estimated
   * @param maxBytes the largest capacity of both tiers that is estimated
   */
  public record Sizes(long heldBytes, long maxMemoryBytes, long maxBytes) {}

  /**
   * The hit ratio of a least-recently-used cache.
   *
   * @param bytes the capacity, in bytes of the arena
   * @param hitRatio the part of the reads that the cache answers
   */
  public record Estimate(long bytes, double hitRatio) {}

  /**
   * The hit ratios of least-recently-used caches.
   *
   * @param reads the reads that the estimates are based on
   * @param meanBytes the mean of the bytes that a key and its value take; 0 if no key was accessed
   * @param heldBefore the part of the reads that the file answered and whose keys were not accessed
   *     since the cache was opened; not part of byCapacity
   * @param byCapacity the estimates by ascending capacity; from each capacity to the next one, the
   *     estimate of the smaller one applies
   */
  public record Estimates(
      long reads, double meanBytes, double heldBefore, List<Estimate> byCapacity) {}

  /**
   * Creates an empty sample.
   *
   * @param sizes the sizes of interest
   * @param pool the pool of the chunks
   * @param nowNanos nanoseconds since the epoch; throws nothing
   */
  public AccessSample(Sizes sizes, ChunkPool pool, LongSupplier nowNanos) {
    this.sizes = sizes;
    this.pool = pool;
    this.nowNanos = nowNanos;
    this.near = new ReuseDistances(sizes.maxMemoryBytes);
    this.far = sizes.maxBytes == sizes.maxMemoryBytes ? null : new ReuseDistances(sizes.maxBytes);
  }

  /**
   * Returns whether the sample has a key.
   *
   * @param keyHash {@link KeyHasher#keyHash} of the key
   * @return whether the accesses of the key are to be recorded
   */
  public boolean selects(int keyHash) {
    return (keyHash & mask) == 0;
  }

  /**
   * Records a read that neither tier answered.
   *
   * @param keyHash of a selected key
   */
  public void recordMiss(int keyHash) {
    recordRead(event(keyHash, MISS, 0), 0);
  }

  /**
   * Records a read that the memory tier answered.
   *
   * @param entry of a selected key
   */
  public void recordMemoryHit(Entry entry) {
    int bytes = pool.footprintBytes(entry.ref()); // 0 if it was released meanwhile
    recordMemoryHit(entry.keyHash(), bytes, entry.expiresAtNanos());
  }

  /** As above, for a chunk of a value without an expiry time. */
  void recordMemoryHit(int keyHash, long ref) {
    recordMemoryHit(keyHash, pool.footprintBytes(ref), Long.MAX_VALUE);
  }

  void recordMemoryHit(int keyHash, int bytes, long expiresAtNanos) {
    recordRead(event(keyHash, MEMORY_HIT, bytes), expiresAtNanos);
  }

  /**
   * Records a read that the file tier answered.
   *
   * @param keyHash of a selected key
   * @param found the value
   */
  public void recordFileHit(int keyHash, FileValue found) {
    long ref = found.chunkRef();
    int bytes = ref == ChunkRef.NONE ? found.valueBytes() : pool.footprintBytes(ref);
    recordFileHit(keyHash, bytes, found.expiresAtNanos());
  }

  void recordFileHit(int keyHash, int bytes, long expiresAtNanos) {
    recordRead(event(keyHash, FILE_HIT, bytes), expiresAtNanos);
  }

  /**
   * Records that a key has another value in memory.
   *
   * @param entry of a selected key
   */
  public void recordWrite(Entry entry) {
    recordWrite(entry.keyHash(), pool.footprintBytes(entry.ref()), entry.expiresAtNanos());
  }

  /**
   * Records that a key has another value.
   *
   * @param keyHash of a selected key
   * @param bytes of the arena that key and value take
   * @param expiresAtNanos the expiry time of the value
   */
  public void recordWrite(int keyHash, long bytes, long expiresAtNanos) {
    var _ = record(event(keyHash, WRITE, bytes), expiresAtNanos);
  }

  /**
   * Records that a key has no value.
   *
   * @param keyHash of a selected key
   */
  public void recordRemoval(int keyHash) {
    var _ = record(event(keyHash, REMOVAL, 0), 0);
  }

  private static long event(int keyHash, int kind, long bytes) {
    long units = Math.min(SIZE_MASK, Math.ceilDiv(bytes, SIZE_UNIT));
    return (long) keyHash << Integer.SIZE
        | 1L << (SIZE_BITS + KIND_BITS)
        | (long) kind << SIZE_BITS
        | units;
  }

  private void recordRead(long event, long expiresAtNanos) {
    if (!record(event, expiresAtNanos)) {
      int bits = Integer.bitCount(mask);
      losses.reads.add(1L << bits);
    }
  }

  private boolean record(long event, long expiresAtNanos) {
    if (buffer.offer(event, expiresAtNanos)) {
      return true;
    }
    if (!lock.tryLock()) {
      return false;
    }
    try {
      drain();
    } finally {
      lock.unlock();
    }
    return buffer.offer(event, expiresAtNanos);
  }

  /** Processes the buffered events. The caller holds the lock. */
  private void drain() {
    boolean complete = false;
    try {
      drainNanos = nowNanos.getAsLong();
      buffer.drain(receiver);
      halveIfOverloaded();
      complete = true;
    } finally {
      if (!complete) {
        forgetKeys(); // an error, such as a stack overflow, interrupted a change
      }
      mask = far == null ? near.mask() : near.mask() & far.mask();
    }
  }

  /** Halves the samples if many reads are lost. */
  private void halveIfOverloaded() {
    if (losses.areMany(near.shift())) {
      near.halveIfLarge();
      if (far != null) {
        far.halveIfLarge();
      }
    }
  }

  private void receive(long event, long expiresAtNanos) {
    losses.countProcessed();
    receive(near, event, expiresAtNanos);
    if (far != null) {
      receive(far, event, expiresAtNanos);
    }
  }

  private void receive(ReuseDistances distances, long event, long expiresAtNanos) {
    int hash = (int) (event >>> Integer.SIZE);
    int bytes = (int) Math.min(Integer.MAX_VALUE, (event & SIZE_MASK) * SIZE_UNIT);
    switch ((int) (event >>> SIZE_BITS) & ((1 << KIND_BITS) - 1)) {
      case MISS -> distances.readMissed(hash, drainNanos);
      case MEMORY_HIT -> distances.readFound(hash, bytes, expiresAtNanos, sizes.heldBytes);
      case FILE_HIT -> distances.readFound(hash, bytes, expiresAtNanos, ReuseDistances.UNKNOWN);
      case WRITE -> distances.write(hash, bytes, expiresAtNanos);
      default -> distances.remove(hash);
    }
  }

  /** Records that no key has a value. */
  public void clear() {
    lock.lock();
    try {
      drain();
      forgetKeys();
    } finally {
      lock.unlock();
    }
  }

  private void forgetKeys() {
    near.clear();
    if (far != null) {
      far.clear();
    }
  }

  /**
   * Estimates the hit ratios of least-recently-used caches.
   *
   * @param reads all reads of the cache so far, those of keys outside of the sample included
   * @return the estimates
   */
  public Estimates estimates(long reads) {
    lock.lock();
    try {
      drain();
      long represented = Math.max(0, reads - losses.reads.sum());
      List<Estimate> estimates = new ArrayList<>();
      near.addEstimates(represented, 0, sizes.maxMemoryBytes, estimates);
      if (far != null) {
        far.addEstimates(represented, sizes.maxMemoryBytes + 1, sizes.maxBytes, estimates);
      }
      ReuseDistances all = far == null ? near : far;
      double heldBefore = (double) all.unknownReads() / Math.max(1, represented);
      return new Estimates(represented, all.meanBytes(), heldBefore, estimates);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the heap that the sample takes.
   *
   * @return bytes
   */
  public long heapBytes() {
    lock.lock();
    try {
      return buffer.memoryBytes() + near.memoryBytes() + (far == null ? 0 : far.memoryBytes());
    } finally {
      lock.unlock();
    }
  }
}
