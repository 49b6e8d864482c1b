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
 * Reads and loads of several keys: what is on the file is read with many reads in flight, what is
 * missing is loaded by one call.
 *
 * <p>Each key is led by one thread here, too (contract R5). Whoever leads several keys never waits
 * for another's before it has ended its own, so that two bulk reads can't wait for each other.
 *
 * @param <K> keys
 * @param <V> values
 */
final class BulkLoads<K, V> {
  /** Reads in flight at once, of one caller. */
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

  /** Keys, each once, in their order. */
  static <K> Set<K> distinct(Iterable<? extends K> keys) {
    Set<K> wanted = new LinkedHashSet<>();
    keys.forEach(key -> wanted.add(requireNonNull(key, "key")));
    return wanted;
  }

  /** What either tier has, in the order asked for. */
  Map<K, V> present(Set<K> wanted) {
    Map<K, V> found = new LinkedHashMap<>();
    int pass = context.gate().enter();
    try {
      List<K> below = new ArrayList<>();
      for (K key : wanted) {
        V value = context.getFromMemory(key);
        if (value != null) {
          found.put(key, value);
        } else {
          below.add(key);
        }
      }
      for (int from = 0; from < below.size(); from += BATCH) {
        readBatch(below.subList(from, Math.min(below.size(), from + BATCH)), found);
      }
    } finally {
      context.gate().exit(pass);
    }
    stats.recordHits(found.size());
    stats.recordMisses(wanted.size() - found.size());
    return inOrder(wanted, found);
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

  /** One key that this thread leads, and its read if there is one under way. */
  private record LedRead<K>(K key, FileKey bytes, Load load, @Nullable FileRead read) {}

  private void readBatch(List<K> keys, Map<K, V> found) {
    FileTier file = tiers.file;
    List<LedRead<K>> led = new ArrayList<>();
    List<K> others = new ArrayList<>();
    boolean submitting = false;
    int submitted = 0;
    int ended = 0;
    try {
      List<@Nullable FileKey> encoded = new ArrayList<>();
      keys.forEach(key -> encoded.add(tiers.keyBytes(key))); // first: the codec may throw
      for (int i = 0; i < keys.size(); i++) {
        K key = keys.get(i);
        FileKey bytes = encoded.get(i);
        Load mine = Load.ofCurrentThread(Load.Kind.READ);
        if (file != null && bytes != null && tiers.mayBeOnFile(bytes) && lead(key, mine)) {
          led.add(new LedRead<>(key, bytes, mine, null));
          FileRead read = tiers.find(key) == null ? file.begin(bytes) : null;
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
      led.forEach(next -> tiers.flights.end(next.key(), next.load(), null));
      if (submitting) {
        led.subList(ended, submitted).forEach(this::awaitAndAbandon); // a codec threw
      } else {
        led.forEach(BulkLoads::abandon);
      }
      tiers.drain();
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
    if (read != null && tiers.file != null) {
      tiers.file.await(read);
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
    return tiers.flights.begin(key, mine) == null;
  }

  @SuppressWarnings("unchecked")
  private @Nullable V end(LedRead<K> led) {
    FileRead read = led.read();
    FileTier file = tiers.file;
    if (read == null || file == null) {
      Object seen = reads.lead(led.key(), led.bytes(), led.load(), context.values().decoder);
      return seen == Reads.MISS ? null : (V) seen;
    }
    file.await(read);
    try (FileValue value = read.take()) {
      Object seen =
          value == null // a miss, or overwritten since memory was looked at
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

  /** What either tier has, and what one call of the loader brings of the rest. */
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

  /** Loads what nobody else is loading; returns what is missing after the others have ended. */
  private Set<K> loadOnce(
      Set<K> missing,
      Map<K, V> found,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> loader) {
    context.gate().check();
    Map<K, Load> mine = new LinkedHashMap<>();
    Map<K, Load> others = new LinkedHashMap<>();
    Set<K> again = new LinkedHashSet<>();
    try {
      for (K key : missing) {
        Load load = Load.ofCurrentThread(Load.Kind.LOAD);
        Load other = tiers.flights.begin(key, load);
        if (other == null) {
          mine.put(key, load);
        } else {
          others.put(key, other);
        }
      }
      Set<K> wanted = new LinkedHashSet<>();
      mine.forEach((key, load) -> {
        V brought = context.getQuietly(key);
        if (brought != null) {
          found.put(key, brought);
        } else if (tiers.flights.has(key, load)) {
          wanted.add(key);
        } else {
          again.add(key); // a change superseded the load before the loader ran
        }
      });
      if (!wanted.isEmpty()) {
        keep(run(wanted, loader), wanted, mine, found);
        mine.forEach((key, load) -> {
          if (load.mustRetry() && !found.containsKey(key)) {
            again.add(key);
          }
        });
      }
    } finally {
      mine.forEach((key, load) -> tiers.flights.end(key, load, found.get(key)));
    }
    await(others, found, again);
    return again;
  }

  /** What the loads of others brought goes to found; the keys without a value to again. */
  private void await(Map<K, Load> others, Map<K, V> found, Set<K> again) {
    others.forEach((key, load) -> {
      @SuppressWarnings("unchecked")
      V loaded = (V) load.await(key);
      V now = context.getQuietly(key);
      if (now == null && loaded == null) {
        again.add(key);
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
      long took = System.nanoTime() - start;
      if (loaded) {
        stats.recordLoadSuccess(took);
      } else {
        stats.recordLoadFailure(took);
      }
    }
  }

  /** More keys may come than were asked for: those are put. */
  private void keep(
      Map<? extends K, ? extends V> loaded, Set<K> wanted, Map<K, Load> mine, Map<K, V> found) {
    loaded.forEach((key, value) -> {
      requireNonNull(value, "the bulk mapping function returned a null value");
      Load load = wanted.contains(key) ? mine.get(key) : null;
      if (load == null) {
        context.writes().put(key, value);
      } else {
        boolean kept = context.writes().putLoaded(key, value, load);
        V newer = kept ? null : context.getQuietly(key); // the write was first (R4)
        if (newer != null || kept || !load.mustRetry()) {
          found.put(key, newer == null ? value : newer);
        }
      }
    });
  }
}
