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
 * together. What it adds: values without a copy ({@link #read}, {@link #lease}, {@link #put(Object,
 * int, Consumer)}), {@link #flush()}, and figures. Thread-safe. A read may always miss; it never
 * returns anything older than the last completed write of its key (contract R1), nor anything that
 * was invalidated (R2), nor a changed byte (R3).
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
 * @param <K> keys; they stay on the heap, and their {@link Codec}'s bytes name them in the file
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
   * <p>Unlike Caffeine's, the value is decoded from its bytes: equal to what was put, and another
   * object each time. So it is with every method that gives a value. A value that its codec can't
   * read any more is a miss ({@link UnreadableValueException}).
   */
  @Override
  @Nullable V getIfPresent(K key);

  /**
   * {@inheritDoc}
   *
   * <p>Of both tiers. What has expired counts until that is found out.
   */
  @Override
  long estimatedSize();

  /**
   * {@inheritDoc}
   *
   * <p>A hit is a value of either tier; {@link #tierStats} tells them apart. Unlike Caffeine's,
   * evictions do not include records that have expired together with all others of their extent, if
   * no listener wants them: the extent is freed without being read, and nobody looks who they were.
   * {@link TierStats} counts them.
   */
  @Override
  CacheStats stats();

  /**
   * Both tiers as a map, with every method of {@link ConcurrentMap}, each of which is atomic.
   * Iterators walk the keys of the moment when they were made, and skip those that have gone.
   *
   * <p>A method that gives the value before, such as {@code put} or {@code remove}, reads the file
   * where only the file has it; {@link #put(Object, Object)} and {@link #invalidate} do not. {@code
   * size} counts keys one by one.
   *
   * @return a view
   */
  @Override
  ConcurrentMap<K, V> asMap();

  /**
   * {@inheritDoc}
   *
   * <p>Removes what has expired and moves on to the file what was evicted from memory. It frees the
   * oldest extents of the file as far as all of their records have expired.
   */
  @Override
  void cleanUp();

  /**
   * {@inheritDoc}
   *
   * <p>Unlike Caffeine's:
   *
   * <ul>
   *   <li>{@code eviction()} speaks of the memory tier, in bytes of its chunks: what it evicts is
   *       still in the cache where there is a file. What only the file has is without a weight; the
   *       file gives up its oldest records, by no policy that could be asked. {@code setMaximum}
   *       goes no further than the memory that the cache was opened with.
   *   <li>{@code setExpiresAfter} of {@code expireAfterWrite()} and {@code expireAfterAccess()}
   *       concerns what is written or read from then on. What is there keeps its end, which is a
   *       moment of absolute time in its record, to survive a restart.
   *   <li>{@code oldest} and {@code youngest} look at all keys of both tiers.
   * </ul>
   */
  @Override
  Policy<K, V> policy();

  /**
   * Looks at a value where it lies, without a copy or an allocation.
   *
   * @param key whose value
   * @param reader sees the value's bytes, read-only, during the call and on this thread only: a
   *     segment kept for later throws {@link IllegalStateException} and never reads. It must not
   *     write to this cache.
   * @param <R> what the reader makes of it
   * @return what the reader returned, or null on a miss
   * @throws NullPointerException if key or reader is null
   * @throws IllegalStateException if the cache is closed
   */
  <R> @Nullable R read(K key, Function<? super MemorySegment, ? extends @Nullable R> reader);

  /**
   * Holds on to a value's bytes until the lease is closed.
   *
   * @param key whose value
   * @return a lease, or null on a miss, or if it had to be a copy and the copies of open leases
   *     already take what they may ({@link Lease})
   * @throws NullPointerException if key is null
   * @throws IllegalStateException if the cache is closed
   */
  @Nullable Lease lease(K key);

  /**
   * Puts a value that is written where it will lie, without a copy.
   *
   * @param key whose value
   * @param valueBytes how long it is
   * @param writer fills a segment of exactly that many bytes, whose content is unspecified before;
   *     valid during the call only. If it throws, the cache is as it was.
   * @throws NullPointerException if key or writer is null
   * @throws IllegalArgumentException if valueBytes is negative, or more than either tier can hold
   * @throws IllegalStateException if the cache is closed
   */
  void put(K key, int valueBytes, Consumer<? super MemorySegment> writer);

  /**
   * Makes everything that is live now survive a power cut (contract D2). Returns at once without a
   * file.
   *
   * @throws DeviceException if the file could not be written; what was there stays valid
   * @throws IllegalStateException if the cache is closed
   */
  void flush();

  /**
   * How the tiers are.
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
   * Where the native memory is.
   *
   * @return a snapshot
   */
  MemoryUsage memoryUsage();

  /**
   * Writes what only memory has to the file, as far as its capacity goes, and gives back memory,
   * file and lock. Waits for reads under way and for what the kernel owns; open leases keep their
   * bytes until they are closed. Every later call but {@link #health} and close throws {@link
   * IllegalStateException}. Closing twice does nothing.
   */
  @Override
  void close();
}
