package dev.carafe.cache;

import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.Generation;
import dev.carafe.tier.KeyHasher;
import dev.carafe.tier.MemoryReads;
import dev.carafe.tier.MemoryTier;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the entry of a key in the maps of index and spill, whose keys are the entries themselves.
 * No map holds an object of the application: the encoded key is in the entry's chunk.
 *
 * <p>A {@link Probe} equals the current entries of its key. While a write replaces an entry by
 * another one, both may be in the maps. The write registers the new entry as the successor of the
 * old one and marks the old one superseded, which is the moment at which the key's value changes.
 * From then on a lookup that finds the old entry returns its successor. After the old entry has
 * left the maps, the write ends the registration.
 *
 * @param <K> keys
 */
final class EntryLookup<K> {
  private final KeyEncoder<K> keys;
  private final MemoryTier memory;
  private final MemoryReads reads;
  private final Generation generation;
  private final ConcurrentMap<Entry, Entry> successors = new ConcurrentHashMap<>();

  EntryLookup(KeyEncoder<K> keys, MemoryTier memory) {
    this.keys = keys;
    this.memory = memory;
    this.reads = memory.reads();
    this.generation = memory.generation();
  }

  KeyEncoder<K> keys() {
    return keys;
  }

  /** The argument of a lookup in the maps: a key and its hash. */
  static final class Probe<K> {
    private final EntryLookup<K> lookup;
    private final K key;
    private final int hash;

    /** The last entry that this probe equalled. */
    private @Nullable Entry matched;

    /** An entry of this hash that was released and that a map still holds. */
    private @Nullable Entry released;

    private Probe(EntryLookup<K> lookup, K key, int hash) {
      this.lookup = lookup;
      this.key = key;
      this.hash = hash;
    }

    @Nullable Entry released() {
      return released;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    /** Returns whether an object is a current entry of the key. */
    @Override
    @SuppressWarnings("EqualsUnsafeCast") // it is compared with the keys of the maps only
    public boolean equals(@Nullable Object other) {
      return this == other
          || (other instanceof Entry entry && entry.hashCode() == hash && isCurrent(entry));
    }

    private boolean isCurrent(Entry entry) {
      if (entry.isReleased()) {
        released = entry;
        return false;
      }
      boolean matches =
          lookup.isCurrent(entry) && lookup.reads.isEntryOf(entry, key, lookup.keys.codec());
      if (matches) {
        matched = entry;
      }
      return matches;
    }
  }

  /** Returns the probe of a key. Encodes the key unless its hash does not need that. */
  Probe<K> probe(K key) {
    KeyHasher hasher = memory.hasher();
    if (KeyHasher.coversWholeKey(key)) {
      return new Probe<>(this, key, hasher.keyHash(key));
    }
    byte[] encoded = keys.encode(key);
    MemorySegment bytes = MemorySegment.ofArray(encoded);
    return new Probe<>(this, key, hasher.indexHash(bytes, 0, encoded.length));
  }

  /**
   * Returns the key of a probe, or decodes that of an entry.
   *
   * @param key a probe or an entry
   * @return null if the entry was released or the codec can't decode its key
   */
  @SuppressWarnings("unchecked") // Caffeine passes the argument of the lookup
  @Nullable K keyOf(Object key) {
    if (key instanceof Probe<?> probe) {
      return (K) probe.key;
    }
    byte[] bytes = key instanceof Entry entry ? reads.keyOf(entry) : null;
    return bytes == null ? null : keys.decode(bytes);
  }

  /** Copies the encoded key of an entry; null if the entry was released. */
  @Nullable FileKey encodedKeyOf(Entry entry) {
    byte[] bytes = reads.keyOf(entry);
    return bytes == null ? null : keys.of(bytes);
  }

  private boolean isCurrent(Entry entry) {
    return generation.isLive(entry) || successors.containsKey(entry);
  }

  /**
   * Returns the entry that holds the key's value.
   *
   * <p>A map may compare an entry and then return null: Caffeine does so if the entry has expired,
   * and if its mapping is removed between the comparison and the read of the value. Then the entry
   * that was compared decides.
   *
   * @param map looks a probe up in a map
   * @return null if the map has no current entry of the key
   */
  @Nullable Entry find(Function<Object, @Nullable Entry> map, Probe<K> probe) {
    for (; ; ) {
      probe.matched = null;
      Entry found = map.apply(probe);
      Entry seen = found == null ? probe.matched : found;
      if (seen == null || generation.isLive(seen)) {
        return found;
      }
      Entry successor = successors.get(seen);
      if (successor != null) {
        return successor.isReleased() ? null : successor;
      }
      // It was replaced or removed after the map had compared it: the probe equals it no longer.
    }
  }

  /** Registers the entry that replaces another one. The caller supersedes the old entry then. */
  void setSuccessor(Entry old, Entry fresh) {
    successors.put(old, fresh);
  }

  /** Ends a replacement. The old entry is in no map any more, or the new one never was. */
  void removeSuccessor(Entry old) {
    successors.remove(old);
  }

  /**
   * Supersedes an entry at the moment at which its key gets another value or none, and removes the
   * key from the table of recent reads (invariant 7 of {@link Tiers}).
   *
   * @return whether the table of recent reads held it
   */
  boolean supersede(Entry entry) {
    boolean wasRecent = reads.removeFromRecentReads(entry.keyHash());
    entry.supersede();
    return wasRecent;
  }

  /** Returns the number of replacements under way. */
  int replacementCount() {
    return successors.size();
  }
}
