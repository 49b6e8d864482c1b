package dev.carafe.jcache;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The loads under way. A change of a key supersedes those of the key that began before it: what
 * they bring is not put into the cache, and there is no event of it.
 *
 * @param <K> keys
 * @param <V> values
 */
final class Tickets<K, V> {
  private final ConcurrentMap<K, List<Ticket<V>>> underWay = new ConcurrentHashMap<>();

  /** One load of one key. */
  static final class Ticket<V> {
    private final Thread owner = Thread.currentThread();
    private final boolean shared;
    private final CompletableFuture<@Nullable V> outcome = new CompletableFuture<>();
    private boolean superseded; // guarded by the key's lock

    private Ticket(boolean shared) {
      this.shared = shared;
    }

    /** Under the key's lock: whether a change came after the load began. */
    boolean isSuperseded() {
      return superseded;
    }

    /**
     * Waits for the load to end.
     *
     * @return its value, or null if it brought none, or failed
     * @throws IllegalStateException if this very thread is loading it
     */
    @Nullable V await(Object key) {
      if (owner == Thread.currentThread()) {
        throw new IllegalStateException("recursive load: the loader of " + key + " asks for it");
      }
      return outcome.join();
    }
  }

  /** A load of its own, beside others of the key: no other caller waits for it. */
  Ticket<V> begin(K key) {
    Ticket<V> mine = new Ticket<>(false);
    var _ = underWay.merge(key, List.of(mine), Tickets::joined);
    return mine;
  }

  /**
   * One load for all that want the key.
   *
   * @param began is told of the new load; if it is not called, the load is another's
   */
  Ticket<V> beginOrJoin(K key, Consumer<Ticket<V>> began) {
    Ticket<V> mine = new Ticket<>(true);
    List<Ticket<V>> now =
        underWay.merge(
            key,
            List.of(mine),
            (before, added) ->
                before.stream().anyMatch(other -> other.shared) ? before : joined(before, added));
    for (Ticket<V> each : now) {
      if (each.shared) {
        if (each == mine) {
          began.accept(mine);
        }
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

  /** Ends a load; those that wait get the value. */
  void end(K key, Ticket<V> ticket, @Nullable V value) {
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
  void supersede(K key) {
    List<Ticket<V>> before = underWay.isEmpty() ? null : underWay.remove(key);
    if (before != null) {
      before.forEach(ticket -> ticket.superseded = true);
    }
  }

  /** The keys with a load under way. */
  Iterable<K> keys() {
    return underWay.keySet();
  }
}
