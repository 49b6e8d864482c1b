package dev.carafe.infinispan;

import io.reactivex.rxjava3.core.Flowable;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Predicate;
import org.infinispan.commons.io.ByteBuffer;
import org.infinispan.commons.io.ByteBufferFactory;
import org.infinispan.commons.time.TimeService;
import org.infinispan.commons.util.IntSet;
import org.infinispan.marshall.persistence.PersistenceMarshaller;
import org.infinispan.persistence.spi.InitializationContext;
import org.infinispan.persistence.spi.MarshallableEntry;
import org.infinispan.persistence.spi.MarshallableEntryFactory;
import org.infinispan.persistence.spi.PersistenceException;
import org.infinispan.util.concurrent.BlockingManager;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * Publishes the entries of segments, without those that have expired, and purges those. Publishers
 * run on blocking threads and read as far as they are asked to. Thread-safe.
 */
final class EntryPublisher<K, V> {
  private final Segments segments;
  private final BlockingManager blocking;
  private final TimeService time;
  private final PersistenceMarshaller marshaller;
  private final MarshallableEntryFactory<K, V> factory;
  private final ByteBufferFactory buffers;

  EntryPublisher(Segments segments, InitializationContext ctx) {
    this.segments = segments;
    this.blocking = ctx.getBlockingManager();
    this.time = ctx.getTimeService();
    this.marshaller = ctx.getPersistenceMarshaller();
    this.factory = ctx.getMarshallableEntryFactory();
    this.buffers = ctx.getByteBufferFactory();
  }

  /** Marshals a key. */
  byte[] bytesOf(Object key) {
    try {
      return trimmed(marshaller.objectToBuffer(key));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PersistenceException(e);
    } catch (IOException e) {
      throw new PersistenceException(e);
    }
  }

  static byte[] trimmed(ByteBuffer buffer) {
    return buffer.trim();
  }

  /** Returns an entry; null if it was removed or has expired. */
  @Nullable MarshallableEntry<K, V> live(Object key, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    StoredEntry stored = new StoredEntry(bytes);
    return stored.isExpired(time.wallClockTime()) ? null : entry(key, stored);
  }

  private MarshallableEntry<K, V> entry(Object key, StoredEntry stored) {
    return factory.create(
        key,
        stored.value(buffers),
        stored.metadata(buffers),
        stored.internalMetadata(buffers),
        stored.created(),
        stored.lastUsed());
  }

  Publisher<MarshallableEntry<K, V>> entries(IntSet wanted, @Nullable Predicate<? super K> filter) {
    return published(
        () -> Flowable.fromIterable(segments.of(wanted)).concatMap(in -> entries(in, filter)));
  }

  private Flowable<MarshallableEntry<K, V>> entries(
      Segment in, @Nullable Predicate<? super K> filter) {
    return keysOf(in)
        .mapOptional(bytes -> {
          K key = keyOf(bytes);
          return filter == null || filter.test(key)
              ? Optional.ofNullable(live(key, in.peek(bytes)))
              : Optional.empty();
        });
  }

  Publisher<K> keys(IntSet wanted, @Nullable Predicate<? super K> filter) {
    return published(
        () -> Flowable.fromIterable(segments.of(wanted)).concatMap(in -> keys(in, filter)));
  }

  private Flowable<K> keys(Segment in, @Nullable Predicate<? super K> filter) {
    if (in.canHaveExpired(time.wallClockTime())) {
      return entries(in, filter).map(MarshallableEntry::getKey);
    }
    Flowable<K> all = keysOf(in).map(this::keyOf);
    return filter == null ? all : all.filter(filter::test);
  }

  long size(IntSet wanted) {
    long now = time.wallClockTime();
    long size = 0;
    for (Segment in : segments.of(wanted)) {
      size += in.canHaveExpired(now) ? countLive(in, now) : in.count();
    }
    return size;
  }

  private static long countLive(Segment in, long now) {
    long count = 0;
    for (Iterator<byte[]> keys = in.keys(); keys.hasNext(); ) {
      byte[] found = in.peek(keys.next());
      count += found == null || new StoredEntry(found).isExpired(now) ? 0 : 1;
    }
    return count;
  }

  /** Removes the entries that have expired, and publishes each that was removed. */
  Publisher<MarshallableEntry<K, V>> purge() {
    return published(() -> {
      long now = time.wallClockTime();
      return Flowable.fromIterable(segments.all())
          .filter(in -> in.canHaveExpired(now))
          .concatMap(in -> purge(in, now));
    });
  }

  private Flowable<MarshallableEntry<K, V>> purge(Segment in, long now) {
    return Flowable.defer(() -> {
      long before = in.beginScan();
      return keysOf(in)
          .mapOptional(bytes -> Optional.ofNullable(purge(in, bytes, now)))
          .doOnError(_ -> in.includeExpiry(before))
          .doOnCancel(() -> in.includeExpiry(before));
    });
  }

  /** Returns the entry of a key if it had expired and was removed; null otherwise. */
  private @Nullable MarshallableEntry<K, V> purge(Segment in, byte[] key, long now) {
    byte[] found = in.peek(key);
    if (found == null) {
      return null;
    }
    StoredEntry stored = new StoredEntry(found);
    if (!stored.isExpired(now)) {
      in.includeExpiry(stored.expiry());
      return null;
    }
    return in.remove(key, found) ? entry(keyOf(key), stored) : null;
  }

  private static Flowable<byte[]> keysOf(Segment in) {
    return Flowable.fromIterable(in::keys);
  }

  @SuppressWarnings("unchecked")
  private K keyOf(byte[] bytes) {
    try {
      return (K) marshaller.objectFromByteBuffer(bytes);
    } catch (IOException | ClassNotFoundException e) {
      throw new PersistenceException(e);
    }
  }

  private <T> Publisher<T> published(
      io.reactivex.rxjava3.functions.Supplier<Flowable<T>> publisher) {
    return blocking.blockingPublisher(Flowable.defer(publisher));
  }
}
