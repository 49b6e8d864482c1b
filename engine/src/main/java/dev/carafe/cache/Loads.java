package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Loads missing values. One thread runs the loader without a lock. The other callers of the key
 * wait for it (contract R5).
 *
 * <p>A write of the key supersedes a load under way: the loaded value is not installed, and the
 * callers get the written value. If that has been removed again, the callers get the loaded value.
 *
 * <p>Proved by {@code LoadingTest} and {@code FlightsTest}.
 *
 * @param <K> keys
 * @param <V> values
 */
final class Loads<K, V> {
  private final Tiers<K> tiers;
  private final Values<V> values;
  private final Reads<K> reads;
  private final Writes<K, V> writes;
  private final Gate gate;
  private final StatsCounter stats;

  Loads(
      Tiers<K> tiers,
      Values<V> values,
      Reads<K> reads,
      Writes<K, V> writes,
      Gate gate,
      StatsCounter stats) {
    this.tiers = tiers;
    this.values = values;
    this.reads = reads;
    this.writes = writes;
    this.gate = gate;
    this.stats = stats;
  }

  /** Returns the key's value. Loads it if neither tier has it. Returns null if the loader does. */
  @SuppressWarnings("unchecked")
  @Nullable V get(K key, Function<? super K, ? extends @Nullable V> loader) {
    Object seen = reads.fetch(key, values.decoder);
    if (seen != Reads.MISS) {
      stats.recordHits(1);
      return (V) seen;
    }
    return load(key, loader);
  }

  private @Nullable V load(K key, Function<? super K, ? extends @Nullable V> loader) {
    stats.recordMisses(1);
    return loadMissed(key, loader);
  }

  /** Returns the key's value after a miss that was already recorded. */
  @SuppressWarnings("unchecked")
  @Nullable V loadMissed(K key, Function<? super K, ? extends @Nullable V> loader) {
    for (; ; ) {
      gate.check();
      Load mine = Load.ofCurrentThread(Load.Kind.LOAD);
      Load other = tiers.cache.flights().begin(key, mine);
      if (other == null) {
        Object led = lead(key, mine, loader);
        if (led != Reads.MISS) {
          return (V) led;
        }
        continue;
      }
      Object loaded = other.await(key);
      Object now = peek(key);
      if (now != Reads.MISS) {
        return (V) now;
      }
      if (loaded != null) {
        return (V) loaded;
      }
    }
  }

  /**
   * Looks the key up in both tiers, inside the gate. The loader itself runs outside of the gate, so
   * {@code close()} does not wait for it.
   */
  private @Nullable Object peek(K key) {
    int pass = gate.enter();
    try {
      return reads.peek(key, values.decoder);
    } finally {
      gate.exit(pass);
    }
  }

  /**
   * Runs the loader, unless the key has a value by now.
   *
   * @return {@link Reads#MISS} if a change of the key superseded the load before the loader ran, or
   *     began before the load: the caller repeats the load
   */
  private @Nullable Object lead(
      K key, Load load, Function<? super K, ? extends @Nullable V> loader) {
    V value = null;
    try {
      Object present = peek(key);
      if (present != Reads.MISS) {
        return present;
      }
      if (!tiers.cache.flights().isRegistered(key, load)) {
        return Reads.MISS;
      }
      value = run(key, loader);
      if (value != null && !writes.putLoaded(key, value, load)) {
        Object newer = peek(key); // the writer found no value, so the write precedes the load (R4)
        if (newer == Reads.MISS && load.mustRetry()) {
          value = null; // for the waiting callers, too
        }
        return newer == Reads.MISS && value != null ? value : newer;
      }
      return value;
    } finally {
      tiers.cache.flights().end(key, load, value);
    }
  }

  private @Nullable V run(K key, Function<? super K, ? extends @Nullable V> loader) {
    return timed(() -> {
      int[] inside = gate.beginCallback();
      try {
        return loader.apply(key);
      } finally {
        gate.endCallback(inside);
      }
    });
  }

  /** Wraps a computation of the application so that it is recorded as a load, as in Caffeine. */
  <T, U> BiFunction<T, U, @Nullable V> counted(
      BiFunction<? super T, ? super U, ? extends @Nullable V> computation) {
    return (one, other) -> timed(() -> computation.apply(one, other));
  }

  private @Nullable V timed(Supplier<? extends @Nullable V> computation) {
    long start = System.nanoTime();
    boolean loaded = false;
    try {
      V value = computation.get();
      loaded = value != null;
      return value;
    } finally {
      long nanos = System.nanoTime() - start;
      if (loaded) {
        stats.recordLoadSuccess(nanos);
      } else {
        stats.recordLoadFailure(nanos);
      }
    }
  }
}
