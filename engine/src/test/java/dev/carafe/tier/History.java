package dev.carafe.tier;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operations on a file tier in their order. After a crash the tier may have the state after any
 * prefix that contains the last completed flush (contract D3).
 */
final class History {
  /** No version: the key has no value. */
  static final long NONE = 0;

  private final Map<Long, Long> start;
  private final List<Op> ops = new ArrayList<>();

  /** One change of one key, or of all. */
  private sealed interface Op {}

  private record Change(long key, long version) implements Op {}

  private record Clear() implements Op {}

  /** A moment of a history: the number of ops that had begun, and of ops that were flushed. */
  record Moment(int begun, int flushed) {}

  History(Map<Long, Long> start) {
    this.start = Map.copyOf(start);
  }

  void put(long key, long version) {
    ops.add(new Change(key, version));
  }

  void remove(long key) {
    ops.add(new Change(key, NONE));
  }

  void clear() {
    ops.add(new Clear());
  }

  int length() {
    return ops.size();
  }

  /** The state after all operations. */
  Map<Long, Long> end() {
    return after(ops.size());
  }

  private Map<Long, Long> after(int count) {
    Map<Long, Long> state = new HashMap<>(start);
    for (Op op : ops.subList(0, count)) {
      apply(state, op);
    }
    return state;
  }

  private static void apply(Map<Long, Long> state, Op op) {
    switch (op) {
      case Change(long key, long version) -> {
        if (version == NONE) {
          state.remove(key);
        } else {
          state.put(key, version);
        }
      }
      case Clear clear -> state.clear();
    }
  }

  /**
   * Checks a state that was found after a crash.
   *
   * @param found the version of each key
   * @param moment of the crash
   * @param mayMiss whether flushed values may be gone, as when the file is too small for them
   * @return null if the state is possible, else its difference from each possible prefix
   */
  @Nullable String explain(Map<Long, Long> found, Moment moment, boolean mayMiss) {
    Map<Long, Long> flushed = after(moment.flushed());
    Map<Long, Long> state = new HashMap<>(flushed);
    Set<Long> touched = new HashSet<>();
    String wrongs = null;
    for (int prefix = moment.flushed(); prefix <= moment.begun(); prefix++) {
      if (prefix > moment.flushed()) {
        Op op = ops.get(prefix - 1);
        apply(state, op);
        touch(touched, op, flushed);
      }
      String wrong = differs(found, state, touched, mayMiss);
      if (wrong == null) {
        return null;
      }
      wrongs = (wrongs == null ? "" : wrongs + "; ") + "after " + prefix + " ops: " + wrong;
    }
    return wrongs;
  }

  private static void touch(Set<Long> touched, Op op, Map<Long, Long> flushed) {
    switch (op) {
      case Change(long key, long version) -> touched.add(key);
      case Clear clear -> touched.addAll(flushed.keySet());
    }
  }

  /** A key that was changed after the flush may be a miss: the crash may have lost its record. */
  private static @Nullable String differs(
      Map<Long, Long> found, Map<Long, Long> state, Set<Long> touched, boolean mayMiss) {
    for (var entry : found.entrySet()) {
      if (!Objects.equals(state.get(entry.getKey()), entry.getValue())) {
        return "key "
            + entry.getKey()
            + " has version "
            + entry.getValue()
            + ", not "
            + state.get(entry.getKey());
      }
    }
    for (var entry : state.entrySet()) {
      boolean excused = mayMiss || touched.contains(entry.getKey());
      if (!excused && !found.containsKey(entry.getKey())) {
        return "key " + entry.getKey() + " lost version " + entry.getValue();
      }
    }
    return null;
  }
}
