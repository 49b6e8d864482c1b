package dev.carafe.hotrod;

import com.github.benmanes.caffeine.cache.Cache;
import dev.carafe.Carafe;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.infinispan.client.hotrod.MetadataValue;
import org.jspecify.annotations.Nullable;

/**
 * The values near the reader, and the reads of the server that are under way.
 *
 * <p>The map of reads orders fetched values and invalidations: a value is stored inside a
 * computation of its key, and only if its read is still in the map; an invalidation removes the
 * read and the value inside a computation of the same key. So an invalidation that arrives after
 * its read was registered, and before or after the value is stored, always wins. A stored value has
 * the epoch in which its read began, and is believed in that epoch only.
 */
final class NearTier {
  private final Carafe<byte[], NearEntry> carafe;
  private final Supplier<@Nullable Cache<Key, Boolean>> lists;
  private final Counters counters;
  private final Reads reads = new Reads(System::nanoTime);
  private volatile Epoch epoch;
  private volatile @Nullable Revalidation revalidation;
  private volatile boolean isClosed;

  /**
   * Creates it for one listener of the client.
   *
   * @param carafe holds the values, perhaps those of earlier listeners, too
   * @param lists returns an empty list of keys for each epoch, if the server has a Bloom filter
   */
  NearTier(
      Carafe<byte[], NearEntry> carafe,
      Supplier<@Nullable Cache<Key, Boolean>> lists,
      Counters counters) {
    this.carafe = carafe;
    this.lists = lists;
    this.counters = counters;
    this.epoch = Epoch.first(lists.get());
  }

  /**
   * Returns a value of this epoch; null if there is none.
   *
   * @param decoder of the bytes of the entry
   */
  <R> @Nullable R find(Key key, Function<? super MemorySegment, ? extends R> decoder) {
    Epoch now = epoch;
    Revalidation asked = revalidation;
    if (now.observe() && asked != null) {
      asked.start(now);
    }
    R found = isListed(now, key) ? believed(now, key, decoder) : null;
    (found == null ? counters.misses : counters.hits).increment();
    return found;
  }

  private <R> @Nullable R believed(
      Epoch now, Key key, Function<? super MemorySegment, ? extends R> decoder) {
    Function<MemorySegment, @Nullable R> reader = source -> decoded(now, source, decoder);
    try {
      return isClosed ? null : carafe.<R>read(key.bytes(), reader);
    } catch (IllegalStateException e) {
      if (isClosed) {
        return null;
      }
      throw e;
    }
  }

  private <R> @Nullable R decoded(
      Epoch now, MemorySegment source, Function<? super MemorySegment, ? extends R> decoder) {
    if (NearEntry.epochOf(source) == now.number()) {
      return decoder.apply(source);
    }
    if (now.isVerified(NearEntry.versionOf(source))) {
      counters.verified.increment();
      return decoder.apply(source);
    }
    counters.unverified.increment();
    return null;
  }

  private static boolean isListed(Epoch now, Key key) {
    Cache<Key, Boolean> listed = now.listed();
    return listed == null || listed.getIfPresent(key) != null;
  }

  /** Registers a read before its command is sent. Returns whether its value may be kept. */
  boolean begin(Key key, Object placeholder) {
    Epoch now = epoch;
    return now.isConfirmed() && reads.begin(key, placeholder, now);
  }

  /**
   * Ends a read with its value, unless an invalidation came since {@link #begin}.
   *
   * @return whether it did
   */
  boolean finish(Key key, Object placeholder, MetadataValue<?> value, byte[] bytes) {
    return unlessClosed(
        () -> reads.end(key, placeholder, read -> store(key, read.epoch(), value, bytes)));
  }

  private void store(Key key, Epoch of, MetadataValue<?> value, byte[] bytes) {
    NearEntry entry = NearEntry.of(of, value, bytes);
    if (entry.timeToLive(System.currentTimeMillis()) <= 0) {
      carafe.invalidate(key.bytes());
      return;
    }
    Cache<Key, Boolean> listed = of.listed();
    carafe.put(key.bytes(), entry);
    if (listed != null) {
      listed.put(key, true);
    }
    counters.kept.increment();
  }

  /** Ends a read without a value. What the near tier has, of whatever epoch, is dropped. */
  boolean abandon(Key key, Object placeholder) {
    return unlessClosed(() -> reads.end(key, placeholder, read -> carafe.invalidate(key.bytes())));
  }

  /**
   * Removes the value, and makes sure that no read that began before this call stores one.
   *
   * @return false if there was neither a value nor a read. Known only where the server has a Bloom
   *     filter: a removal does not read the file
   */
  boolean invalidate(Key key) {
    counters.invalidations.increment();
    Cache<Key, Boolean> listed = epoch.listed();
    boolean[] wasListed = {listed == null};
    boolean wasRead =
        unlessClosed(() ->
            reads.cancel(
                key,
                () -> {
                  if (listed != null) {
                    wasListed[0] = listed.asMap().remove(key) != null;
                  }
                  carafe.invalidate(key.bytes());
                }));
    return wasRead || wasListed[0];
  }

  /** Makes all values unverified, and makes sure that no read that has begun stores one. */
  void endEpoch() {
    epoch = Epoch.next(lists.get());
    reads.clear();
    counters.epochs.increment();
  }

  /**
   * Verifies the values of earlier epochs, now if this epoch is confirmed, and whenever a later one
   * is.
   *
   * @return the number of versions that the server has sent
   */
  int revalidate(Revalidation asked) {
    revalidation = asked;
    Epoch now = epoch;
    return now.isConfirmed() ? asked.run(now) : 0;
  }

  /**
   * The keys of all values and reads. Those of values that are not believed are among them, unless
   * the server has a Bloom filter.
   */
  Iterator<byte[]> keys() {
    Cache<Key, Boolean> listed = epoch.listed();
    // First the reads: the key of a value that is stored meanwhile is found in one of the two.
    List<Key> keys = reads.keys();
    if (listed == null) {
      Stream<byte[]> near = carafe.asMap().keySet().stream();
      return Stream.concat(keys.stream().map(Key::bytes), near).iterator();
    }
    keys.addAll(listed.asMap().keySet());
    return keys.stream().map(Key::bytes).iterator();
  }

  /** Returns whether the server has a Bloom filter. */
  boolean isFiltered() {
    return epoch.listed() != null;
  }

  /** The number of values. Those that are not believed count, unless there is a Bloom filter. */
  long size() {
    Cache<Key, Boolean> listed = epoch.listed();
    return listed == null ? isClosed ? 0 : carafe.estimatedSize() : listed.estimatedSize();
  }

  /** From now on the near tier has no values. The Carafe is to be closed after that. */
  void close() {
    isClosed = true;
    endEpoch();
  }

  /** Returns what an action returns; false if the near tier is closed. */
  private boolean unlessClosed(BooleanSupplier action) {
    try {
      return !isClosed && action.getAsBoolean();
    } catch (IllegalStateException e) {
      if (isClosed) {
        return false;
      }
      throw e;
    }
  }
}
