package dev.carafe;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cache whose values live outside the heap, in memory and in a file, and survive a restart.
 *
 * <p>It is a Caffeine {@link Cache}: the same methods with the same meaning, over both tiers
 * together. It adds access to values without a copy ({@link #read}, {@link #lease}, {@link
 * #put(Object, int, Consumer)}), {@link #flush()}, and statistics by tier. Thread-safe. A read may
 * miss at any time. It never returns a value older than the last completed write of its key
 * (contract R1), an invalidated value (R2), or altered bytes (R3).
 *
 * <p><b>Blocking.</b> A hit in memory does no I/O and takes no lock. A read of a value that only
 * the file has waits for one read of the device. A write does no I/O of its own, but waits while
 * the file has no free extent. For each value that it evicts, it waits up to 30 seconds with {@link
 * FileOptions.Overload#WAIT}, after which the evicted value is dropped and counted, and not at all
 * with {@link FileOptions.Overload#DROP}. For the removal of a value that the file has, which an
 * overwrite includes, it waits up to 30 seconds with both. {@link #flush} and {@link #close} write
 * and sync, and wait up to 30 seconds for each step. Methods of {@link #asMap} that return the
 * previous value read it from the file if it is only there. {@link AsyncCarafe} waits for no read
 * of the file.
 *
 * <p><b>Memory.</b> {@link CarafeBuilder#memory} bounds the memory that holds keys and values. A
 * file adds up to 64 MiB of buffers: three of a fifteenth of the file, at most 16 MiB each, and at
 * most a fifth of a memory below 64 MiB (but 768 KiB); 1.25 to 10 MiB for reads; and up to 4 MiB
 * for compression. The index of the file takes 25 to 50 bytes for each record. {@link #memoryUsage}
 * has the exact figures. Each entry in memory takes about 125 bytes of heap, whatever its key, and
 * more if entries expire.
 *
 * <pre>{@code
 * try (Carafe<String, byte[]> cache =
 *     Carafe.newBuilder()
 *         .keyCodec(Codec.utf8())
 *         .valueCodec(Codec.bytes())
 *         .memory(64 << 20)
 *         .file(Path.of("/var/cache/pages.carafe"), 4L << 30)
 *         .build()) {
 *   byte[] page = cache.get("/index.html", key -> render(key));
 * }
 * }</pre>
 *
 * @param <K> keys, which the cache keeps as encoded bytes off the heap
 * @param <V> values
 */
public interface Carafe<K, V> extends Cache<K, V>, AutoCloseable {
  /**
   * Starts a cache.
   *
   * @return a builder with nothing set
   */
  static CarafeBuilder<Object, Object> newBuilder() {
    return new CarafeBuilder<>();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Unlike Caffeine, this and every other method that returns a value decodes it: the result is
   * equal to the value that was put, and a new object each time. A value that its codec can't read
   * is a miss ({@link UnreadableValueException}).
   */
  @Override
  @Nullable V getIfPresent(K key);

  /**
   * {@inheritDoc}
   *
   * <p>A value longer than an extent of the file can hold lives in memory only: it is gone once
   * memory evicts it or the cache is closed (contract D2). {@link TierStats.MemoryTier#tooLarge}
   * counts those that are in memory, {@link TierStats.FileTier#refusedTooLarge} those that the file
   * refused. A value that memory can't hold either is not kept. As in Caffeine an entry that weighs
   * more than the maximum, it replaces the key's value and is evicted at once: the key has no value
   * then, listeners are notified with {@code SIZE}, and {@link TierStats.MemoryTier#dropped} counts
   * it. The first one is logged. This holds for every method that stores a value; one that loads or
   * computes it returns it.
   */
  @Override
  void put(K key, V value);

  /**
   * {@inheritDoc}
   *
   * <p>The number of entries in both tiers. An expired entry counts until it is removed.
   */
  @Override
  long estimatedSize();

  /**
   * {@inheritDoc}
   *
   * <p>A hit is a value from either tier; {@link #tierStats} counts the tiers separately. Unlike
   * Caffeine, evictions do not include the records of an extent in which every record has expired,
   * unless a listener is set: such an extent is freed without being read. {@link TierStats} counts
   * these records.
   */
  @Override
  CacheStats stats();

  /**
   * Both tiers as a map, with every method of {@link ConcurrentMap}, each of which is atomic.
   * Iterators return the keys that were present when the iterator was created, and skip keys that
   * have been removed since. An iterator's {@code remove} removes the key whatever its value is by
   * then; bulk operations of the views, such as {@code removeIf}, remove an entry only if it still
   * has the value that was tested.
   *
   * <p>A method that returns the previous value, such as {@code put} or {@code remove}, reads the
   * file if the value is only there; {@link #put(Object, Object)} and {@link #invalidate} do not.
   * {@code size} visits every key.
   *
   * @return a view
   */
  @Override
  ConcurrentMap<K, V> asMap();

  /**
   * {@inheritDoc}
   *
   * <p>Removes expired entries, and appends values that memory has evicted to the file. Frees the
   * oldest extents of the file as long as every record in them has expired. Can wait for the
   * device, as a write can.
   */
  @Override
  void cleanUp();

  /**
   * {@inheritDoc}
   *
   * <p>Differences from Caffeine:
   *
   * <ul>
   *   <li>{@code eviction()} describes the memory tier, in bytes of its chunks. With a file, an
   *       entry that it evicts is still in the cache. An entry that is only in the file has no
   *       weight. {@code setMaximum} is limited to the memory that the cache was opened with.
   *   <li>{@code setExpiresAfter} of {@code expireAfterWrite()} and {@code expireAfterAccess()}
   *       applies to later writes and reads. An existing entry keeps its time of expiry, which its
   *       record holds as absolute time.
   *   <li>{@code oldest} and {@code youngest} visit all keys of both tiers.
   * </ul>
   */
  @Override
  Policy<K, V> policy();

  /**
   * Passes a value's bytes to a function, without a copy or an allocation for a value in memory.
   *
   * @param key the key
   * @param reader receives the value's bytes as a read-only segment that is valid during the call
   *     and on this thread only: access after the call throws {@link IllegalStateException}. It
   *     must not write to this cache.
   * @param <R> the reader's result
   * @return the reader's result, or null on a miss
   * @throws NullPointerException if key or reader is null
   * @throws IllegalStateException if the cache is closed
   */
  <R> @Nullable R read(K key, Function<? super MemorySegment, ? extends @Nullable R> reader);

  /**
   * Pins a value's bytes until the lease is closed.
   *
   * @param key the key
   * @return a lease; null on a miss, or if the lease would be a copy and the copies of open leases
   *     have reached their bound ({@link Lease})
   * @throws NullPointerException if key is null
   * @throws IllegalStateException if the cache is closed
   */
  @Nullable Lease lease(K key);

  /**
   * Puts a value that the caller writes straight into the cache's memory, without a copy.
   *
   * @param key the key
   * @param valueBytes the value's length in bytes
   * @param writer fills a segment of exactly {@code valueBytes} bytes, which is valid during the
   *     call only and has unspecified content before. If it throws, the cache is unchanged. It is
   *     not called for a value longer than each tier can hold; {@link #put(Object, Object)} states
   *     the handling of such a value. Listeners are not notified of it.
   * @throws NullPointerException if key or writer is null
   * @throws IllegalArgumentException if valueBytes is negative
   * @throws IllegalStateException if the cache is closed
   */
  void put(K key, int valueBytes, Consumer<? super MemorySegment> writer);

  /**
   * Writes all live entries to the file and syncs it: they survive a power cut once this returns
   * (contract D2). Values longer than an extent of the file are not written; {@link TierStats}
   * counts them. Does nothing without a file.
   *
   * @throws DeviceException if the file could not be written. Its earlier content stays valid,
   *     except after a failed sync that lost records: then all records of the file are discarded
   * @throws IllegalStateException if the cache is closed
   */
  void flush();

  /**
   * The state of both tiers and of the device. Does no I/O.
   *
   * @return a snapshot; also after close
   */
  Health health();

  /**
   * Counters by tier, always kept.
   *
   * @return a snapshot
   */
  TierStats tierStats();

  /**
   * Native memory by purpose. Of a cache of a {@link CarafeStore}, {@code leasedCopies}, {@code
   * recentReads} and the bytes of the values are its own, all others those of the store.
   *
   * @return a snapshot
   */
  MemoryUsage memoryUsage();

  /**
   * Writes the entries that only memory has to the file, as far as its capacity goes, then releases
   * memory, file and lock. Waits for operations in progress, up to 60 seconds for a listener or a
   * codec that the cache's own thread calls, and up to 30 seconds for transfers that the kernel has
   * not completed. Open leases stay valid until they are closed. Every later call except {@link
   * #health} and {@code close} throws {@link IllegalStateException}. Closing twice does nothing.
   *
   * @throws IllegalStateException if called from inside an operation of this cache (a reader, a
   *     writer, a loader, a listener, a codec)
   */
  @Override
  void close();
}
