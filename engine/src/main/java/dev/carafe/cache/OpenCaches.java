package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.base.ErrorLog;
import dev.carafe.tier.DirtySource;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileRemovalListener;
import dev.carafe.tier.PressureListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The open caches of a store by number. The tiers call it when the pool is full, when dirty values
 * are due and when the file drops a record. It passes each call to the caches that it concerns.
 *
 * <p>Saving calls the application's ticker on the thread of the log maintenance, outside of any
 * operation. {@code close()} throws on that thread, since it would wait for the thread itself
 * (contract M4).
 *
 * <p>Its calls allocate no heap before a tier has what it needs, since the heap may be full (F5).
 */
final class OpenCaches implements PressureListener, DirtySource, FileRemovalListener {
  /** How many policies one attempt to allocate asks to evict. */
  private static final int CLEANED_AT_ONCE = 8;

  private final Duration persistWithin;
  private final MonotonicClock clock;
  private final ErrorLog errors;
  private volatile OpenCache<?>[] open = {};
  private volatile @Nullable OpenCache<?>[] byNumber = {};
  private volatile BooleanSupplier names = () -> true;
  private int nextCleaned; // a race only changes the order

  OpenCaches(Duration persistWithin, MonotonicClock clock, ErrorLog errors) {
    this.persistWithin = persistWithin;
    this.clock = clock;
    this.errors = errors;
  }

  /**
   * A cache that is open.
   *
   * @param context the cache
   * @param share of the memory of a store; null if the cache has all memory
   */
  record OpenCache<K>(CacheContext<K, ?> context, MemoryBudget.@Nullable Share share) {
    Tiers<K> tiers() {
      return context.tiers();
    }

    private Gate gate() {
      return context.gate();
    }

    int number() {
      return tiers().storage.number;
    }

    void recordRemoved(byte[] key, int valueBytes, byte @Nullable [] value, RemovalCause cause) {
      K decoded = tiers().cache.keys().decode(key);
      if (decoded != null) {
        tiers().tracker.recordRemoved(decoded, valueBytes, value, cause);
      }
    }

    private void drain() {
      tiers().writer.drain();
    }
  }

  /**
   * Adds the names of the caches, which are saved before values.
   *
   * @param saved saves the names if the file does not have them; false if it has no room
   */
  void add(BooleanSupplier saved) {
    this.names = saved;
  }

  /** Adds a cache that is ready for operations. */
  synchronized void add(OpenCache<?> cache) {
    @Nullable OpenCache<?>[] copy =
        Arrays.copyOf(byNumber, Math.max(byNumber.length, cache.number() + 1));
    copy[cache.number()] = cache;
    publish(copy);
  }

  /** Removes a cache whose entries are released. */
  synchronized void remove(int number) {
    @Nullable OpenCache<?>[] copy = byNumber.clone();
    if (number < copy.length) {
      copy[number] = null;
      publish(copy);
    }
  }

  private void publish(@Nullable OpenCache<?>[] caches) {
    List<OpenCache<?>> list = new ArrayList<>();
    for (OpenCache<?> cache : caches) {
      if (cache != null) {
        list.add(cache);
      }
    }
    byNumber = caches;
    open = list.toArray(new OpenCache<?>[0]);
  }

  /** Returns all open caches. */
  List<OpenCache<?>> all() {
    return List.of(open);
  }

  /** Returns an open cache; null if there is none of this number. */
  @Nullable OpenCache<?> find(int number) {
    @Nullable OpenCache<?>[] seen = byNumber;
    return number < seen.length ? seen[number] : null;
  }

  /** Settles the evicted entries of a cache. */
  void drain(int number) {
    OpenCache<?> cache = find(number);
    if (cache != null) {
      cache.drain();
    }
  }

  /** Lets the policies evict, in turn if they are many, and settles all evicted entries. */
  @Override
  public void evictExcess() {
    OpenCache<?>[] seen = open;
    int from = nextCleaned;
    int count = Math.min(seen.length, CLEANED_AT_ONCE);
    nextCleaned = seen.length == 0 ? 0 : (from + count) % seen.length;
    for (int i = 0; i < count; i++) {
      seen[(from + i) % seen.length].tiers().index.cleanUp();
    }
    for (OpenCache<?> cache : seen) {
      cache.tiers().demotion.cleared().releaseSome();
      cache.drain();
    }
  }

  /** Drops the values whose expiration times have changed with the wall clock. */
  void dropTimedCopies() {
    for (OpenCache<?> cache : open) {
      cache.context.dropTimedCopiesLater();
    }
  }

  @Override
  public void demote(int cache, Entry entry) {
    OpenCache<?> found = find(cache);
    if (found != null) {
      found.tiers().demotion.demote(entry);
    }
  }

  @Override
  public Duration persistWithin() {
    return persistWithin;
  }

  @Override
  public PassResult writeBack(boolean newPass) {
    PassResult rest = PassResult.COMPLETE;
    OpenCache<?>[] seen = open;
    for (int i = 0; newPass && i < seen.length; i++) {
      seen[i].tiers().dirty.beginPass();
    }
    if (!names.getAsBoolean()) {
      return PassResult.NO_ROOM;
    }
    for (OpenCache<?> cache : seen) {
      PassResult one = writeBack(cache);
      rest = one.compareTo(rest) > 0 ? one : rest;
      if (one == PassResult.NO_ROOM) {
        return one;
      }
    }
    return rest;
  }

  private PassResult writeBack(OpenCache<?> cache) {
    int[] inside = cache.gate().beginCallback();
    try {
      clock.checkForStep(); // saved records depend on the lead of the wall clock
      return cache.tiers().dirty.save();
    } finally {
      cache.gate().endCallback(inside);
    }
  }

  @Override
  public boolean needsValues() {
    for (OpenCache<?> cache : open) {
      if (cache.tiers().cache.removals().hasListeners()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Notifies the listeners of the cache of a record whose value has left the cache. Throws nothing,
   * since reclaiming must continue if codecs or listeners throw (contract F5).
   */
  @Override
  public void onRemoval(
      int number, byte[] key, int valueBytes, byte @Nullable [] value, boolean expired) {
    OpenCache<?> cache = find(number);
    if (cache != null && cache.tiers().cache.removals().hasListenersOrStats()) {
      notifyRemoved(cache, key, valueBytes, value, expired);
    }
  }

  private void notifyRemoved(
      OpenCache<?> cache, byte[] key, int valueBytes, byte @Nullable [] value, boolean expired) {
    int[] inside = cache.gate().beginCallback();
    try {
      RemovalCause cause = expired ? RemovalCause.EXPIRED : RemovalCause.SIZE;
      cache.recordRemoved(key, valueBytes, value, cause);
    } catch (Throwable t) {
      errors.report("removal listeners were not notified of a value that left the file", t);
    } finally {
      cache.gate().endCallback(inside);
    }
  }
}
