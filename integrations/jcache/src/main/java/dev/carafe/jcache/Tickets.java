package dev.carafe.jcache;

import dev.carafe.spi.KeyBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The loads in progress. A change of a key supersedes its earlier loads: their values are not put
 * into the cache, and there are no events for them.
 *
 * @param <V> values
 */
final class Tickets<V> {
  private final ConcurrentMap<KeyBytes, List<Ticket<V>>> underWay = new ConcurrentHashMap<>();

  /** One load of one key. */
  static final class Ticket<V> {
    private final Thread owner = Thread.currentThread();
    private final boolean shared;
    private final CompletableFuture<@Nullable V> outcome = new CompletableFuture<>();
    private boolean superseded; // guarded by the key's lock

    private Ticket(boolean shared) {
      this.shared = shared;
    }

    /** Creates a load that all callers for the key share. */
    static <V> Ticket<V> shared() {
      return new Ticket<>(true);
    }

    /** Creates a separate load, which no other caller waits for. */
    static <V> Ticket<V> alone() {
      return new Ticket<>(false);
    }

    /** Under the key's lock: whether the key was changed since the load began. */
    boolean isSuperseded() {
      return superseded;
    }

    /**
     * Waits for the load to end.
     *
     * @return its value, or null if it has none or failed
     * @throws IllegalStateException if the calling thread runs this load
     */
    @Nullable V await(Object key) {
      if (owner == Thread.currentThread()) {
        throw new IllegalStateException(
            "recursive load: the loader of " + key + " requested the same key");
      }
      return outcome.join();
    }
  }

  /** Begins a load. The caller {@linkplain #end ends} it, also if this method throws. */
  void begin(KeyBytes key, Ticket<V> mine) {
    var _ = underWay.merge(key, List.of(mine), Tickets::joined);
  }

  /**
   * Begins a shared load, which the caller ends, unless there is one for the key.
   *
   * @return the given load, or the load in progress
   */
  Ticket<V> beginOrJoin(KeyBytes key, Ticket<V> mine) {
    List<Ticket<V>> now =
        underWay.merge(
            key,
            List.of(mine),
            (before, added) ->
                before.stream().anyMatch(other -> other.shared) ? before : joined(before, added));
    for (Ticket<V> each : now) {
      if (each.shared) {
        return each;
      }
    }
    throw new IllegalStateException("a load was not registered");
  }

  private static <V> List<Ticket<V>> joined(List<Ticket<V>> before, List<Ticket<V>> added) {
    List<Ticket<V>> all = new ArrayList<>(before);
    all.addAll(added);
    return List.copyOf(all);
  }

  /** Ends a load. Waiting threads get its value. */
  void end(KeyBytes key, Ticket<V> ticket, @Nullable V value) {
    try {
      var _ =
          underWay.computeIfPresent(
              key,
              (k, before) -> {
                List<Ticket<V>> left = new ArrayList<>(before);
                left.remove(ticket);
                return left.isEmpty() ? null : List.copyOf(left);
              });
    } finally {
      ticket.outcome.complete(value);
    }
  }

  /** Under the key's lock, as the last step of a change. */
  void supersede(KeyBytes key) {
    List<Ticket<V>> before = underWay.remove(key);
    if (before != null) {
      before.forEach(ticket -> ticket.superseded = true);
    }
  }

  boolean isEmpty() {
    return underWay.isEmpty();
  }

  /** The keys with a load in progress. */
  Iterable<KeyBytes> keys() {
    return underWay.keySet();
  }
}
