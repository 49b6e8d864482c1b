package dev.carafe.tier;

import dev.carafe.base.Counter;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.ScopedView;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The memory tier of a cache: the entries of the cache and the chunks that they own ({@link
 * ChunkLayout}), which are cut from {@link SharedMemory}.
 *
 * <p>The caller of {@link #alloc} owns the chunk until an entry {@linkplain #adopt adopts} it. Then
 * the entry owns the chunk. When the entry has been released and its last reader has finished, the
 * chunk is freed (M1). The arena is unmapped after {@link SharedMemory#close()}, when the last hold
 * has ended (M4).
 *
 * <p>Thread-safe. {@link #alloc} may evict, so it must not be called under a lock that eviction
 * needs.
 */
public final class MemoryTier {
  /** The result of a read of an entry that has no chunk. The caller looks the key up again. */
  public static final Object STALE = new Object();

  private final int cache;
  private final SharedMemory shared;
  private final ChunkPool pool;
  private final EntryChunks chunks;
  private final MemoryReads reads;
  private final AtomicLong leasedCopyBytes = new AtomicLong();

  /** Opens the memory tier of a cache without expiry, whose accesses are not recorded. */
  MemoryTier(int cache, SharedMemory shared) {
    this(cache, shared, false, new RecentReads(null), null);
  }

  /**
   * Opens the memory tier of a cache.
   *
   * @param cache the number of the cache
   * @param shared the memory of all caches
   * @param entriesExpire whether entries have expiry times
   * @param recent answers repeated reads; null if each read must find an entry
   * @param sample records the accesses of some keys; null for none
   */
  public MemoryTier(
      int cache,
      SharedMemory shared,
      boolean entriesExpire,
      @Nullable RecentReads recent,
      @Nullable AccessSample sample) {
    this.cache = cache;
    this.shared = shared;
    this.pool = shared.pool();
    this.chunks = new EntryChunks(shared, entriesExpire, recent);
    this.reads = new MemoryReads(chunks, pool, shared.hazardPointers(), recent, sample);
    shared.add(cache, chunks);
  }

  /** {@return the pool, for the registration of its buffers and for statistics} */
  public ChunkPool pool() {
    return pool;
  }

  /** {@return the hashes of the keys} */
  public KeyHasher hasher() {
    return chunks.hasher();
  }

  /** {@return the reads of values} */
  public MemoryReads reads() {
    return reads;
  }

  /** {@return the largest value that memory can hold with a key of no bytes, in bytes} */
  public int maxValueBytes() {
    return pool.maxChunkBytes() - ChunkLayout.HEADER_BYTES;
  }

  /**
   * Allocates a chunk for a value and its key. Evicts entries if there is no room.
   *
   * @param keyBytes the length of the encoded key
   * @param valueBytes the length of the value
   * @return a chunk, or NONE in the cases of {@link #alloc(int)}
   */
  public long alloc(long keyBytes, int valueBytes) {
    long bytes = (long) ChunkLayout.valueOffset(keyBytes) + valueBytes;
    return bytes > pool.maxChunkBytes() ? ChunkRef.NONE : alloc((int) bytes);
  }

  /**
   * Allocates a chunk. Evicts entries if there is no room.
   *
   * @param bytes the minimum length of the chunk
   * @return a chunk; NONE if the length exceeds the arena, if no entry can be evicted, or if the
   *     tier is closed
   */
  public long alloc(int bytes) {
    return shared.alloc(bytes);
  }

  /** Frees a chunk that no entry has adopted. */
  public void free(long ref) {
    pool.free(ref);
  }

  /**
   * Writes key and value into a chunk that the caller owns.
   *
   * @param ref a chunk that no entry has adopted
   * @param key the encoded key
   * @param valueBytes the length of the value
   * @param writer fills the value through a view that is valid during the call
   */
  public void write(
      long ref, MemorySegment key, int valueBytes, Consumer<? super MemorySegment> writer) {
    long offset = pool.offset(ref);
    int valueOffset = ChunkLayout.write(pool.memory(), offset, key, valueBytes);
    ScopedView.write(pool.memory(), offset + valueOffset, valueBytes, writer);
  }

  /**
   * Creates an entry that owns a written chunk. The entry is pinned once. The caller publishes it
   * and then calls {@link #unpin}.
   *
   * @param key the key
   * @param ref the chunk, which holds the encoded key
   * @param expiresAtNanos the expiry time in nanoseconds since the epoch
   * @param clean whether the file has the same value
   * @return the entry
   */
  public Entry adopt(Object key, long ref, long expiresAtNanos, boolean clean) {
    return chunks.adopt(key, ref, expiresAtNanos, clean);
  }

  /**
   * Replaces the value of an entry by one of the same chunk size. The entry stays in the index, and
   * Caffeine's policy is not notified. The caller holds the key's lock, and has removed the key
   * from the table of recent reads.
   *
   * @param entry the entry of the key's value
   * @param to a written chunk that no entry has adopted; the entry owns it afterwards
   * @return false if nothing changed, since the sizes differ, or the entry is pinned, released or
   *     being relocated
   */
  public boolean overwrite(Entry entry, long to) {
    return chunks.overwrite(entry, to);
  }

  /** Records the file tier's result for the value of a pinned entry. */
  public void recordStoreResult(Entry entry, StoreResult stored) {
    chunks.recordStoreResult(entry, stored);
  }

  /**
   * Pins an entry until {@link #endHold}. The arena stays mapped even after {@link #close()}.
   *
   * @param entry any entry
   * @return false if the entry has no chunk or the tier is closed
   */
  public boolean hold(Entry entry) {
    return chunks.hold(entry);
  }

  /**
   * Ends a {@link #hold}.
   *
   * @param entry the held entry
   */
  public void endHold(Entry entry) {
    chunks.endHold(entry);
  }

  /**
   * Pins an entry during one operation, so that its chunk is not relocated or freed. A longer use
   * {@linkplain #hold holds} the entry.
   *
   * @param entry any entry
   * @return false if the entry was released
   */
  public boolean pin(Entry entry) {
    return entry.pin();
  }

  /** Ends the pin that {@link #adopt} or {@link #pin} made. */
  public void unpin(Entry entry) {
    chunks.unpin(entry);
  }

  /**
   * Releases an entry. Its chunk is freed after its last reader has finished.
   *
   * @param entry an entry that was removed from the index
   * @param counter incremented if it was not released before, also if freeing its chunk throws;
   *     null if the release is not counted
   * @return false if it was released before
   */
  public boolean release(Entry entry, @Nullable Counter counter) {
    return chunks.release(entry, counter);
  }

  /** {@return the generation of the live entries} */
  public Generation generation() {
    return chunks.generation();
  }

  /** Frees the chunks of released entries that have no reader. */
  public void freeRetired() {
    shared.freeRetired();
  }

  /** {@return the counters of the entries} */
  public MemoryCounters counters() {
    return chunks.counters();
  }

  /** {@return the bytes of the copies that open leases hold outside of the pool} */
  public AtomicLong leasedCopyBytes() {
    return leasedCopyBytes;
  }

  /** {@return whether the calling thread is inside a read of a value of any cache} */
  public boolean isReadByThisThread() {
    return shared.hazardPointers().isReading();
  }

  /**
   * Empties the table of recent reads, so that a read that begins from now on finds no chunk.
   * Called before the arena is unmapped, when the caller has released all entries.
   */
  public void endReads() {
    reads.clearRecentReads();
  }

  /** Ends the tier. The arena stays mapped until the shared memory is closed. */
  public void close() {
    shared.remove(cache);
  }
}
