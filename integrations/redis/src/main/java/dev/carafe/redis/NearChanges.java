package dev.carafe.redis;

import dev.carafe.redis.Change.Outcome;
import dev.carafe.redis.Change.When;
import dev.carafe.spi.KeyBytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a {@link CarafeNearCache} that depend on the value that the server has. Each is one
 * step at the server, whatever other clients do at the same time: a command, or a script where no
 * command does it ({@code EVAL}). The values have the {@link CarafeNearCacheBuilder#lifetimes} of
 * the cache.
 *
 * <p>Thread-safe. The methods throw as those of {@link CarafeNearCache}. A change that throws a
 * {@link io.lettuce.core.RedisException} may have been done.
 *
 * @param <K> keys
 * @param <V> values
 */
public final class NearChanges<K, V> {
  private final Coding<K, V> coding;
  private final NearReads reads;
  private final NearWrites writes;
  private final Supplier<Lifetimes> lifetimes;

  NearChanges(
      Coding<K, V> coding, NearReads reads, NearWrites writes, Supplier<Lifetimes> lifetimes) {
    this.coding = coding;
    this.reads = reads;
    this.writes = writes;
    this.lifetimes = lifetimes;
  }

  /**
   * The result of a change.
   *
   * @param old the value before; null for none
   * @param changed whether the key was changed
   * @param <V> values
   */
  public record Changed<V>(@Nullable V old, boolean changed) {}

  /**
   * What {@link #compute} does with a key.
   *
   * @param changes whether the key is changed
   * @param value the new value; null to remove the key
   * @param <V> values
   */
  public record Step<V>(boolean changes, @Nullable V value) {
    /**
     * Changes nothing.
     *
     * @param <V> values
     * @return the step
     */
    public static <V> Step<V> none() {
      return new Step<>(false, null);
    }

    /**
     * Writes a value.
     *
     * @param value the value
     * @param <V> values
     * @return the step
     */
    public static <V> Step<V> set(V value) {
      return new Step<>(true, Objects.requireNonNull(value, "value"));
    }

    /**
     * Removes the key.
     *
     * @param <V> values
     * @return the step
     */
    public static <V> Step<V> remove() {
      return new Step<>(true, null);
    }
  }

  /**
   * Decides what {@link #compute} does with a key.
   *
   * @param <V> values
   */
  @FunctionalInterface
  public interface Computation<V> {
    /**
     * Decides.
     *
     * @param value of the key; null for none
     * @return what to do
     */
    Step<V> of(@Nullable V value);
  }

  /**
   * Writes a value.
   *
   * @param key the key
   * @param value the value
   * @return whether it was written: not if its lifetime is 0 and the server had no value
   */
  public boolean put(K key, V value) {
    return writes.put(coding.key(key), coding.bytes(value), lifetimes.get());
  }

  /**
   * Writes values. All commands are sent before the first answer is awaited; other clients may see
   * some of the values before the others.
   *
   * @param values the values
   * @return how many were written
   */
  public long putAll(Map<? extends K, ? extends V> values) {
    Map<KeyBytes, byte[]> encoded = new LinkedHashMap<>();
    values.forEach((key, value) -> encoded.put(coding.key(key), coding.bytes(value)));
    return writes.putAll(encoded, lifetimes);
  }

  /**
   * Writes a value, and returns the one before.
   *
   * @param key the key
   * @param value the value
   * @return the old value, and whether the new one was written
   */
  public Changed<V> getAndPut(K key, V value) {
    return changed(change(coding.key(key), When.ALWAYS, coding.bytes(value), true));
  }

  /**
   * Writes a value if the server has none.
   *
   * @param key the key
   * @param value the value
   * @return whether it was written
   */
  public boolean putIfAbsent(K key, V value) {
    return change(coding.key(key), When.ABSENT, coding.bytes(value), false).done();
  }

  /**
   * Writes a value if the server has one.
   *
   * @param key the key
   * @param value the value
   * @return the old value; null if there is none
   */
  public @Nullable V getAndReplace(K key, V value) {
    return changed(change(coding.key(key), When.PRESENT, coding.bytes(value), true)).old();
  }

  /**
   * Writes a value if the server has one.
   *
   * @param key the key
   * @param value the value
   * @return whether it was written
   */
  public boolean replace(K key, V value) {
    return change(coding.key(key), When.PRESENT, coding.bytes(value), false).done();
  }

  /**
   * Writes a value if the server has one that is equal to another one by {@code equals}.
   *
   * @param key the key
   * @param expected the value that the server must have
   * @param value the value
   * @return the old value, and whether the new one was written
   */
  public Changed<V> replace(K key, V expected, V value) {
    return onMatch(key, expected, coding.bytes(value));
  }

  /**
   * Removes a key.
   *
   * @param key the key
   * @return whether the server had a value
   */
  public boolean remove(K key) {
    return writes.delete(coding.key(key));
  }

  /**
   * Removes a key, and returns its value.
   *
   * @param key the key
   * @return the value; null if there is none
   */
  public @Nullable V getAndRemove(K key) {
    return changed(change(coding.key(key), When.ALWAYS, null, true)).old();
  }

  /**
   * Removes a key if its value is equal to another one by {@code equals}.
   *
   * @param key the key
   * @param expected the value that the server must have
   * @return the value of the key, and whether it was removed
   */
  public Changed<V> remove(K key, V expected) {
    return onMatch(key, expected, null);
  }

  /**
   * Removes keys. All commands are sent before the first answer is awaited.
   *
   * @param keys the keys
   * @return how many of them had a value
   */
  public long removeAll(Iterable<? extends K> keys) {
    List<KeyBytes> encoded = new ArrayList<>();
    keys.forEach(key -> encoded.add(coding.key(key)));
    return writes.deleteEach(encoded);
  }

  /**
   * Changes a key by a function of its value. If another client changes the key meanwhile, the
   * function is called again, with the value that the server has then.
   *
   * <p>The first value may be behind the server, as that of {@link CarafeNearCache#get(Object)}; a
   * change that was computed from it is not made then.
   *
   * @param key the key
   * @param function gets the value, null for none; without locks, and possibly several times
   * @return whether the key was changed
   */
  public boolean compute(K key, Computation<V> function) {
    KeyBytes encoded = coding.key(key);
    byte[] old = reads.get(encoded);
    for (; ; ) {
      Step<V> step = function.of(old == null ? null : coding.value(old));
      if (!step.changes() || (old == null && step.value() == null)) {
        return false;
      }
      V value = step.value();
      When when = old == null ? When.ABSENT : When.EQUAL;
      byte[] bytes = value == null ? null : coding.bytes(value);
      Outcome outcome = writes.change(encoded, new Change(when, old, bytes, lifetimes.get(), true));
      boolean notKept = old == null && !outcome.existed(); // its lifetime is 0
      if (outcome.done() || notKept) {
        return outcome.done();
      }
      old = outcome.old();
    }
  }

  private Changed<V> onMatch(K key, V expected, byte @Nullable [] value) {
    KeyBytes encoded = coding.key(key);
    byte[] old = coding.bytes(expected);
    for (; ; ) {
      Outcome outcome =
          writes.change(encoded, new Change(When.EQUAL, old, value, lifetimes.get(), true));
      byte[] found = outcome.old();
      if (outcome.done()) {
        return new Changed<>(expected, true);
      }
      V present = found == null ? null : coding.value(found);
      if (found == null || !expected.equals(present)) {
        return new Changed<>(present, false);
      }
      old = found; // equal, with other bytes
    }
  }

  private Outcome change(KeyBytes key, When when, byte @Nullable [] value, boolean returnsOld) {
    return writes.change(key, new Change(when, null, value, lifetimes.get(), returnsOld));
  }

  private Changed<V> changed(Outcome outcome) {
    byte[] old = outcome.old();
    return new Changed<>(old == null ? null : coding.value(old), outcome.done());
  }
}
