package dev.carafe.cache;

import dev.carafe.base.Invariants;
import dev.carafe.tier.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Entries that were evicted from the index and are not yet in the file. Readers search the spill
 * after the index. {@link SpillWriter} writes the entries to the file.
 */
final class SpillQueue {
  private final ConcurrentMap<Object, Entry> waiting = new ConcurrentHashMap<>();

  /** Looks a probe up; one instance, so that a lookup allocates no lambda. */
  private final Function<Object, @Nullable Entry> lookup = waiting::get;

  /**
   * The same entries in eviction order, and some that were settled meanwhile. The cost of an
   * iteration over the map depends on the largest number of entries that the map has ever held.
   */
  private final Queue<Entry> queue = new ConcurrentLinkedQueue<>();

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  int size() {
    return waiting.size();
  }

  /** Returns the map from probes to their entries, expired or not. */
  Function<Object, @Nullable Entry> lookup() {
    return lookup;
  }

  boolean contains(Entry entry) {
    return waiting.containsKey(entry);
  }

  /** Adds an evicted entry. */
  void add(Entry entry) {
    queue.add(entry); // first: an entry that is in no queue would wait until a flush
    waiting.put(entry, entry);
  }

  boolean remove(Entry entry) {
    return waiting.remove(entry) != null;
  }

  /** Visits the waiting entries. */
  void forEach(Consumer<Entry> visitor) {
    waiting.values().forEach(visitor);
  }

  /** Returns whether no entry has to be removed from the queue. */
  boolean isDrained() {
    return queue.isEmpty();
  }

  /** Returns the entries in eviction order. {@code remove} does not remove them from the map. */
  Iterator<Entry> inEvictionOrder() {
    return queue.iterator();
  }

  /**
   * Returns the waiting entries, and checks that all of them are in the queue. Maintenance on
   * another thread may evict and settle entries meanwhile.
   */
  Collection<Entry> checkedEntries() {
    List<Entry> before = new ArrayList<>(waiting.values());
    Set<Entry> queued = Collections.newSetFromMap(new IdentityHashMap<>());
    queued.addAll(queue);
    Collection<Entry> entries = waiting.values();
    before.removeIf(entry -> queued.contains(entry) || !entries.contains(entry));
    Invariants.check(before.isEmpty(), "SpillQueue: an entry is not in the queue");
    return List.copyOf(entries);
  }
}
