package dev.carafe.infinispan;

import dev.carafe.AsyncCarafe;
import dev.carafe.Carafe;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The cache of one segment. It remembers when the first of its entries expires, so that most purges
 * and counts need not read the entries. Thread-safe.
 */
final class Segment {
  private final AsyncCarafe<byte[], byte[]> async;
  private final Carafe<byte[], byte[]> cache;

  /** No entry expires before this time, in milliseconds since the epoch. */
  private final AtomicLong firstExpiry;

  /**
   * Wraps a cache.
   *
   * @param async the cache
   * @param firstExpiry a time before which no entry expires
   */
  Segment(AsyncCarafe<byte[], byte[]> async, long firstExpiry) {
    this.async = async;
    this.cache = async.synchronous();
    this.firstExpiry = new AtomicLong(firstExpiry);
  }

  /** Reads an entry without waiting; null if there is none. */
  @Nullable CompletableFuture<byte[]> load(byte[] key) {
    return async.getIfPresent(key);
  }

  void write(byte[] key, byte[] entry) {
    cache.put(key, entry);
    // after the put: a scan that begins in between finds the entry
    includeExpiry(new StoredEntry(entry).expiry());
  }

  void remove(byte[] key) {
    cache.invalidate(key);
  }

  /** Removes a key if it still has this entry. */
  boolean remove(byte[] key, byte[] entry) {
    return cache.asMap().remove(key, entry);
  }

  void clear() {
    cache.invalidateAll();
  }

  /** Returns the keys that the segment has now. Reads those that are only in the file. */
  Iterator<byte[]> keys() {
    return cache.asMap().keySet().iterator();
  }

  /** Reads an entry without recording the access. */
  byte @Nullable [] peek(byte[] key) {
    return cache.policy().getIfPresentQuietly(key);
  }

  /** Returns the number of entries, including those that have expired. */
  long count() {
    return cache.estimatedSize();
  }

  /** Returns whether an entry can have expired. If not, none has. */
  boolean canHaveExpired(long now) {
    return firstExpiry.get() <= now;
  }

  /** Begins a scan of all entries, each of whose expiry is included again. */
  long beginScan() {
    return firstExpiry.getAndSet(Long.MAX_VALUE);
  }

  void includeExpiry(long time) {
    firstExpiry.accumulateAndGet(time, Math::min);
  }

  long firstExpiry() {
    return firstExpiry.get();
  }
}
