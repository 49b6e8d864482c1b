package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileRead;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads and loads of several keys. Values in the file are read with many reads in flight, and one
 * call of the loader loads the missing values.
 *
 * <p>As for single keys, one thread leads the read or load of a key (contract R5). A thread that
 * leads several keys ends all of its own loads before it waits for those of other threads, so that
 * two bulk reads can't deadlock.
 *
 * @param <K> keys
 * @param <V> values
 */
final class BulkLoads<K, V> {
  /** The maximum number of reads in flight of one caller. */
  private static final int BATCH = 128;

  private final CacheContext<K, V> context;
  private final Tiers<K> tiers;
  private final Reads<K> reads;
  private final StatsCounter stats;

  BulkLoads(CacheContext<K, V> context) {
    this.context = context;
    this.tiers = context.tiers();
    this.reads = context.reads();
    this.stats = context.hooks().stats();
  }

  /** Returns the distinct keys in their order. */
  static <K> Set<K> distinct(Iterable<? extends K> keys) {
    Set<K> wanted = new LinkedHashSet<>();
    keys.forEach(key -> wanted.add(requireNonNull(key, "key")));
    return wanted;
  }

  /** Returns the values of both tiers, in the order of the keys, each key once. */
  Map<K, V> present(Iterable<? extends K> keys) {
    Map<K, @Nullable V> found = new LinkedHashMap<>();
    keys.forEach(key -> found.put(requireNonNull(key, "key"), null));
    int wanted = found.size();
    tiers.storage.memory.reads().prefetch(found.keySet());
    int pass = context.gate().enter();
    try {
      List<K> notInMemory = new ArrayList<>(0);
      for (Map.Entry<K, @Nullable V> next : found.entrySet()) {
        V value = context.getFromMemory(next.getKey());
        if (value != null) {
          next.setValue(value);
        } else {
          notInMemory.add(next.getKey());
        }
      }
      for (int from = 0; from < notInMemory.size(); from += BATCH) {
        readBatch(notInMemory.subList(from, Math.min(notInMemory.size(), from + BATCH)), found);
      }
      notInMemory.forEach(key -> found.remove(key, null));
    } finally {
      context.gate().exit(pass);
    }
    stats.recordHits(found.size());
    stats.recordMisses(wanted - found.size());
    @SuppressWarnings("unchecked") // the keys without a value are gone
    Map<K, V> values = (Map<K, V>) (Map<K, ?>) found;
    return values;
  }

  private static <K, V> Map<K, V> inOrder(Set<K> wanted, Map<K, V> found) {
    Map<K, V> ordered = new LinkedHashMap<>();
    for (K key : wanted) {
      V value = found.get(key);
      if (value != null) {
        ordered.put(key, value);
      }
    }
    return ordered;
  }

  /** A key whose load this thread leads, and its read of the file if one is in flight. */
  private record LedRead<K>(K key, FileKey bytes, Load load, @Nullable FileRead read) {}

  private void readBatch(List<K> keys, Map<K, @Nullable V> found) {
    FileTier file = tiers.storage.file;
    List<LedRead<K>> led = new ArrayList<>();
    List<K> others = new ArrayList<>();
    boolean submitting = false;
    int submitted = 0;
    int ended = 0;
    try {
      List<@Nullable FileKey> encoded = new ArrayList<>();
      keys.forEach(key -> encoded.add(tiers.keyBytes(key))); // first, since the codec may throw
      for (int i = 0; i < keys.size(); i++) {
        K key = keys.get(i);
        FileKey bytes = encoded.get(i);
        Load mine = Load.ofCurrentThread(Load.Kind.READ);
        if (file != null && bytes != null && tiers.mayBeInFile(bytes) && lead(key, mine)) {
          led.add(new LedRead<>(key, bytes, mine, null));
          FileRead read = tiers.entries.find(key) == null ? file.beginRead(bytes) : null;
          led.set(led.size() - 1, new LedRead<>(key, bytes, mine, read));
        } else {
          others.add(key);
        }
      }
      if (file != null) {
        submitting = true;
        file.submit(led.stream().map(LedRead::read).filter(Objects::nonNull).toList(), null);
        submitted = led.size();
      }
      for (LedRead<K> next : led) {
        ended++;
        V value = end(next);
        if (value != null) {
          found.put(next.key(), value);
        }
      }
    } finally {
      led.forEach(next -> tiers.cache.flights().end(next.key(), next.load(), null));
      if (submitting) {
        led.subList(ended, submitted).forEach(this::awaitAndAbandon); // a codec threw
      } else {
        led.forEach(BulkLoads::abandon);
      }
      tiers.writer.drain();
    }
    for (K key : others) {
      V value = fetchOne(key);
      if (value != null) {
        found.put(key, value);
      }
    }
  }

  private void awaitAndAbandon(LedRead<K> led) {
    FileRead read = led.read();
    if (read != null && tiers.storage.file != null) {
      tiers.storage.file.await(read);
      read.abandon();
    }
  }

  private static void abandon(LedRead<?> led) {
    FileRead read = led.read();
    if (read != null) {
      read.abandon();
    }
  }

  private boolean lead(K key, Load mine) {
    return tiers.cache.flights().begin(key, mine) == null;
  }

  @SuppressWarnings("unchecked")
  private @Nullable V end(LedRead<K> led) {
    FileRead read = led.read();
    FileTier file = tiers.storage.file;
    if (read == null || file == null) {
      Object seen = reads.lead(led.key(), led.bytes(), led.load(), context.values().decoder);
      return seen == Reads.MISS ? null : (V) seen;
    }
    file.await(read);
    try (FileValue value = read.finish()) {
      Object seen =
          value == null // a miss, or overwritten since the lookup in memory
              ? reads.lead(led.key(), led.bytes(), led.load(), context.values().decoder)
              : reads.readAndPromote(
                  led.key(), led.bytes(), led.load(), value, context.values().decoder);
      return seen == Reads.MISS ? null : (V) seen;
    }
  }

  @SuppressWarnings("unchecked")
  private @Nullable V fetchOne(K key) {
    Object seen = reads.fetch(key, context.values().decoder);
    return seen == Reads.MISS ? null : (V) seen;
  }

  /**
   * Returns the values of both tiers, and those that one call of the loader returns for the other
   * keys.
   */
  Map<K, V> getAll(
      Set<K> wanted,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> loader) {
    Map<K, V> found = present(wanted);
    Set<K> missing = new LinkedHashSet<>(wanted);
    missing.removeAll(found.keySet());
    while (!missing.isEmpty()) {
      missing = loadOnce(missing, found, loader);
    }
    return Collections.unmodifiableMap(inOrder(wanted, found));
  }

  /**
   * Loads the keys that no other thread is loading. Returns the keys that are still missing when
   * the loads of other threads have ended.
   */
  private Set<K> loadOnce(
      Set<K> missing,
      Map<K, V> found,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> loader) {
    context.gate().check();
    Map<K, Load> mine = new LinkedHashMap<>();
    Map<K, Load> others = new LinkedHashMap<>();
    Set<K> retry = new LinkedHashSet<>();
    try {
      for (K key : missing) {
        Load load = Load.ofCurrentThread(Load.Kind.LOAD);
        Load other = tiers.cache.flights().begin(key, load);
        if (other == null) {
          mine.put(key, load);
        } else {
          others.put(key, other);
        }
      }
      Set<K> wanted = new LinkedHashSet<>();
      mine.forEach((key, load) -> {
        V present = context.getQuietly(key);
        if (present != null) {
          found.put(key, present);
        } else if (tiers.cache.flights().isRegistered(key, load)) {
          wanted.add(key);
        } else {
          retry.add(key); // a change superseded the load before the loader ran
        }
      });
      if (!wanted.isEmpty()) {
        keep(run(wanted, loader), wanted, mine, found);
        mine.forEach((key, load) -> {
          if (load.mustRetry() && !found.containsKey(key)) {
            retry.add(key);
          }
        });
      }
    } finally {
      mine.forEach((key, load) -> tiers.cache.flights().end(key, load, found.get(key)));
    }
    await(others, found, retry);
    return retry;
  }

  /**
   * Waits for the loads of other threads. Adds their values to {@code found}, and the keys without
   * a value to {@code retry}.
   */
  private void await(Map<K, Load> others, Map<K, V> found, Set<K> retry) {
    others.forEach((key, load) -> {
      @SuppressWarnings("unchecked")
      V loaded = (V) load.await(key);
      V now = context.getQuietly(key);
      if (now == null && loaded == null) {
        retry.add(key);
      } else {
        found.put(key, now == null ? requireNonNull(loaded) : now);
      }
    });
  }

  private Map<? extends K, ? extends V> run(
      Set<K> wanted,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> loader) {
    long start = System.nanoTime();
    boolean loaded = false;
    try {
      Map<? extends K, ? extends V> values =
          requireNonNull(
              loader.apply(Collections.unmodifiableSet(wanted)),
              "the bulk mapping function returned null");
      loaded = !values.isEmpty();
      return values;
    } finally {
      long nanos = System.nanoTime() - start;
      if (loaded) {
        stats.recordLoadSuccess(nanos);
      } else {
        stats.recordLoadFailure(nanos);
      }
    }
  }

  /** Stores the loaded values. Values of keys that were not requested are put. */
  private void keep(
      Map<? extends K, ? extends V> loaded, Set<K> wanted, Map<K, Load> mine, Map<K, V> found) {
    loaded.forEach((key, value) -> {
      requireNonNull(value, "the bulk mapping function returned a null value");
      Load load = wanted.contains(key) ? mine.get(key) : null;
      if (load == null) {
        context.writes().put(key, value);
      } else {
        boolean kept = context.writes().putLoaded(key, value, load);
        V newer = kept ? null : context.getQuietly(key); // the write precedes the load (R4)
        if (newer != null || kept || !load.mustRetry()) {
          found.put(key, newer == null ? value : newer);
        }
      }
    });
  }
}
