package dev.carafe.cache;

import dev.carafe.cache.OpenCaches.OpenCache;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Divides the memory of a store among the policies of its caches. The sum of the shares is at most
 * the memory, each share is at least the reserve of its cache and at most its ceiling.
 *
 * <p>A share grows when its cache evicts. It takes memory in this order:
 *
 * <ul>
 *   <li>1. Memory that no share has.
 *   <li>2. Memory that another cache has and does not use, beyond its reserve.
 *   <li>3. Memory beyond the reserve of the cache that would lose the fewest hits, if that is fewer
 *       than the hits that the growing cache would have. A cache loses about half of its average
 *       hits a byte, since its policy evicts what is read least. The file is the list of values
 *       that memory has evicted, so a cache would have the hits that the file answers now; the next
 *       equal amount of memory would serve most of them. Without a file, a cache is assumed to gain
 *       what another one of its average would lose.
 * </ul>
 *
 * <p>Caffeine's policy starts its adaptation again when its maximum changes, so the steps are few
 * and large. Thread-safe.
 */
final class MemoryBudget {
  /** The reciprocal of the part of memory that moves for more hits. */
  private static final int STEPS = 32;

  /** The reciprocal of the part of memory that a cache evicts before it asks for more. */
  private static final int QUANTA = 256;

  /**
   * The reciprocal of the part of memory that the caches evict between two comparisons of their
   * hits. A shorter period has too few hits to compare, and memory that moves to and fro costs the
   * hits of what is evicted each time.
   */
  private static final int COMPARISONS = 4;

  /** How many steps move at once from a cache that had no hit since the last comparison. */
  private static final int STEPS_WITHOUT_HITS = 4;

  /** A move must gain this part more than it loses, so that memory does not move to and fro. */
  private static final double MARGIN = 1.25;

  private final OpenCaches caches;
  private final ReentrantLock lock = new ReentrantLock();
  private long totalBytes;
  private long freeBytes;
  private long evictedSinceComparison;

  /** Creates a budget of this many bytes for caches that are opened later. */
  MemoryBudget(OpenCaches caches, long totalBytes) {
    this.caches = caches;
    this.totalBytes = totalBytes;
    this.freeBytes = totalBytes;
  }

  /** The share of one cache. Guarded by the lock of the budget, except {@link #evictedBytes}. */
  final class Share {
    private final long reserveBytes;
    private final long limitBytes;
    private long bytes;
    private long hitsBefore;
    private long fileHitsBefore;
    private long evictedBytes; // only the thread that evicts changes it, under Caffeine's lock

    private Share(long reserveBytes, long limitBytes, long bytes) {
      this.reserveBytes = reserveBytes;
      this.limitBytes = limitBytes;
      this.bytes = bytes;
    }

    long bytes() {
      return bytes;
    }

    /** Counts an eviction that the policy made because the share is full. */
    void countEviction(int weight) {
      evictedBytes += weight;
    }

    /**
     * Asks for more memory if the cache has evicted much. Called after a write, under the key's
     * lock and outside Caffeine's, since it changes the maxima of other caches.
     */
    void growIfEvicting() {
      if (evictedBytes >= quantum() && lock.tryLock()) {
        try {
          evictedSinceComparison += evictedBytes;
          evictedBytes = 0;
          grow(this);
        } finally {
          lock.unlock();
        }
      }
    }

    private long donatableBytes() {
      return Math.max(0, bytes - reserveBytes);
    }
  }

  /** Returns the memory of all caches. */
  long totalBytes() {
    return totalBytes;
  }

  private long quantum() {
    return Math.max(1, totalBytes / QUANTA);
  }

  private long step() {
    return Math.max(1, totalBytes / STEPS);
  }

  /**
   * Makes a share for a cache that opens: all memory that no share has, or else a step.
   *
   * @param name of the cache, for messages
   * @param reserveBytes the part that other caches can't take
   * @param limitBytes the ceiling; {@link Long#MAX_VALUE} for none
   * @throws IllegalArgumentException if the reserves exceed the memory
   */
  Share open(String name, long reserveBytes, long limitBytes) {
    lock.lock();
    try {
      long reserved = reservedBytes();
      if (reserveBytes > totalBytes - reserved) {
        throw new IllegalArgumentException(
            "memory of cache '"
                + name
                + "' is "
                + reserveBytes
                + " bytes but must be at most "
                + (totalBytes - reserved)
                + ": the store can promise "
                + totalBytes
                + " bytes, of which its open caches have reserved "
                + reserved);
      }
      long wanted = Math.min(limitBytes, Math.max(reserveBytes, step()));
      take(wanted, null);
      long bytes = Math.min(limitBytes, Math.max(wanted, freeBytes));
      long given = Math.min(bytes, freeBytes);
      freeBytes -= given;
      return new Share(reserveBytes, limitBytes, given);
    } finally {
      lock.unlock();
    }
  }

  private long reservedBytes() {
    long reserved = 0;
    for (OpenCache<?> cache : caches.all()) {
      reserved += shareOf(cache).reserveBytes;
    }
    return reserved;
  }

  /** Returns the share of a cache that has closed. */
  void close(Share share) {
    lock.lock();
    try {
      freeBytes += share.bytes;
      share.bytes = 0;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Changes the memory of all caches.
   *
   * @param bytes the new total
   * @throws IllegalArgumentException if it is less than the sum of the reserves
   */
  void resize(long bytes) {
    lock.lock();
    try {
      long reserved = reservedBytes();
      if (bytes < reserved) {
        throw new IllegalArgumentException(
            "memoryBytes leaves "
                + bytes
                + " bytes for values, but the caches of the store have reserved "
                + reserved);
      }
      freeBytes += bytes - totalBytes;
      totalBytes = bytes;
      if (freeBytes < 0) {
        take(0, null);
      }
    } finally {
      lock.unlock();
    }
  }

  private static Share shareOf(OpenCache<?> cache) {
    return Objects.requireNonNull(cache.share(), "the cache belongs to no budget");
  }

  private @Nullable OpenCache<?> cacheOf(Share share) {
    for (OpenCache<?> cache : caches.all()) {
      if (cache.share() == share) {
        return cache;
      }
    }
    return null;
  }

  /** Takes memory from other shares until this much is free: unused memory first. */
  private void take(long wanted, @Nullable Share except) {
    List<OpenCache<?>> all = caches.all();
    for (boolean onlyUnused : new boolean[] {true, false}) {
      while (freeBytes < wanted) {
        OpenCache<?> richest = null;
        long most = 0;
        for (OpenCache<?> cache : all) {
          Share share = shareOf(cache);
          long surplus = onlyUnused ? unusedBytes(cache) : share.donatableBytes();
          if (share != except && surplus > most) {
            richest = cache;
            most = surplus;
          }
        }
        if (richest == null) {
          break;
        }
        shrink(richest, Math.min(most, Math.max(wanted - freeBytes, quantum())));
      }
    }
  }

  private static long unusedBytes(OpenCache<?> cache) {
    Share share = shareOf(cache);
    long kept = Math.max(share.reserveBytes, cache.tiers().index.weightedBytes());
    return Math.max(0, share.bytes - kept);
  }

  private void shrink(OpenCache<?> cache, long bytes) {
    setBytes(cache, shareOf(cache).bytes - bytes);
    freeBytes += bytes;
  }

  private void setBytes(OpenCache<?> cache, long bytes) {
    shareOf(cache).bytes = bytes;
    cache.tiers().index.setMaximum(bytes);
  }

  /** Enlarges the share of a cache that evicts. */
  private void grow(Share share) {
    OpenCache<?> cache = cacheOf(share);
    long room = share.limitBytes - share.bytes;
    if (cache == null || room <= 0) {
      return;
    }
    List<OpenCache<?>> all = caches.all();
    long unused = freeBytes;
    for (OpenCache<?> other : all) {
      unused += shareOf(other) == share ? 0 : unusedBytes(other);
    }
    if (unused >= quantum()) {
      long wanted = Math.min(room, Math.min(unused, Math.max(step(), share.bytes)));
      take(wanted, share);
      give(cache, Math.min(wanted, freeBytes));
    } else if (evictedSinceComparison >= totalBytes / COMPARISONS) {
      evictedSinceComparison = 0;
      growByHits(cache, share, room);
    }
  }

  private void give(OpenCache<?> cache, long bytes) {
    freeBytes -= bytes;
    setBytes(cache, shareOf(cache).bytes + bytes);
  }

  private void growByHits(OpenCache<?> cache, Share share, long room) {
    long bytes = Math.min(room, step());
    OpenCache<?> donor = null;
    double loss = Double.MAX_VALUE;
    for (OpenCache<?> other : caches.all()) {
      Share of = shareOf(other);
      double hits = hitsSinceLast(other);
      if (of != share && of.donatableBytes() >= bytes && hits / of.bytes / 2 < loss) {
        donor = other;
        loss = hits / of.bytes / 2;
      }
    }
    double gain = gain(cache, share);
    for (OpenCache<?> other : caches.all()) {
      restartCounts(other);
    }
    if (donor != null && gain > MARGIN * loss) {
      long most = Math.min(room, shareOf(donor).donatableBytes());
      long moved = loss > 0 ? bytes : Math.min(most, STEPS_WITHOUT_HITS * step());
      shrink(donor, moved);
      give(cache, moved);
    }
  }

  /** The hits a byte that more memory would bring, since the last comparison. */
  private static double gain(OpenCache<?> cache, Share share) {
    double size = Math.max(1, share.bytes);
    if (cache.tiers().storage.file == null) {
      return hitsSinceLast(cache) / size / 2;
    }
    return (cache.tiers().cache.counters().fileHits.sum() - share.fileHitsBefore) / size;
  }

  private static double hitsSinceLast(OpenCache<?> cache) {
    return cache.tiers().cache.counters().memoryHits.sum() - shareOf(cache).hitsBefore;
  }

  private static void restartCounts(OpenCache<?> cache) {
    Share share = shareOf(cache);
    share.hitsBefore = cache.tiers().cache.counters().memoryHits.sum();
    share.fileHitsBefore = cache.tiers().cache.counters().fileHits.sum();
  }
}
