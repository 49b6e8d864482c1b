package dev.carafe.cache;

import dev.carafe.region.ChunkRef;
import dev.carafe.region.ScopedView;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileValue;
import dev.carafe.tier.MemoryTier;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads: from memory without a lock, else from the file by one thread for all who want the key.
 *
 * <p>Proved by {@code LoadingTest}, {@code AlwaysThereTest} and {@code TiersLincheckTest}.
 *
 * @param <K> keys
 */
final class Reads<K> {
  /** What a fetch returns when neither tier has the key. */
  static final Object MISS = new Object();

  private final Tiers<K> tiers;
  private final MemoryTier memory;
  private final Gate gate;
  private final BiConsumer<K, Entry> onPromote;

  /** What is given is told of each entry that came back from the file, before it is published. */
  Reads(Tiers<K> tiers, Gate gate, BiConsumer<K, Entry> onPromote) {
    this.tiers = tiers;
    this.onPromote = onPromote;
    this.memory = tiers.memory;
    this.gate = gate;
  }

  /**
   * Reads a key's value, and brings it to memory if it was on the file.
   *
   * @return what the reader made of it, or {@link #MISS}
   */
  @Nullable Object fetch(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    Object seen = tiers.index().readRecent(key, memory, reader);
    if (seen != MemoryTier.GONE) {
      tiers.counters.memoryHits.increment();
      return seen;
    }
    return fetchRecorded(key, reader);
  }

  private @Nullable Object fetchRecorded(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    Object seen = readEntry(StaleRecords.read(tiers, key), reader);
    if (seen != MemoryTier.GONE) {
      return seen;
    }
    int pass = gate.enter();
    try {
      return fetchFromFile(key, reader);
    } finally {
      gate.exit(pass);
    }
  }

  /** Looks into memory only; counts as a hit, and not as a miss. */
  @Nullable Object getFromMemory(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    for (; ; ) {
      Entry entry = tiers.find(key);
      Object seen = readEntry(entry, reader);
      if (seen != MemoryTier.GONE) {
        return seen;
      }
      if (entry == null) {
        return MISS;
      }
      Thread.yield(); // as in isMiss
    }
  }

  /** Looks at an entry, and counts a hit; GONE if it is, or there is none. */
  private @Nullable Object readEntry(
      @Nullable Entry entry, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    Object seen = entry == null ? MemoryTier.GONE : memory.read(entry, reader);
    if (seen != MemoryTier.GONE) {
      tiers.counters.memoryHits.increment();
    }
    return seen;
  }

  /**
   * What a quiet look saw.
   *
   * @param value what the reader made of it
   * @param entry where memory has it, or null
   * @param expiresAtNanos when it ends
   */
  record PeekResult(@Nullable Object value, @Nullable Entry entry, long expiresAtNanos) {}

  /** {@link #fetch} without a look at the policy or the counters, and without moving anything. */
  @Nullable Object peek(K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    PeekResult seen = peekWithExpiration(key, reader);
    return seen == null ? MISS : seen.value();
  }

  /** The same, and what goes with the value; null is a miss. */
  @Nullable PeekResult peekWithExpiration(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    FileKey bytes = null;
    for (; ; ) {
      int moves = tiers.locks.moves(key);
      Entry entry = tiers.findQuietly(key);
      Object seen = entry == null ? MemoryTier.GONE : memory.read(entry, reader);
      if (entry != null && seen != MemoryTier.GONE) {
        return new PeekResult(seen, entry, entry.expiresAtNanos());
      }
      bytes = bytes == null ? tiers.keyBytes(key) : bytes;
      if (bytes != null && tiers.mayBeOnFile(bytes)) {
        try (FileValue found = tiers.readFile(bytes)) {
          if (found != null) {
            return new PeekResult(view(found, reader), null, found.expiresAtNanos());
          }
        }
      }
      if (isMiss(key, entry, moves)) {
        return null;
      }
    }
  }

  /**
   * Whether a key that was seen lately is there still, as far as can be told without a read of the
   * file.
   *
   * @param expiresAtNanos when its value ended as it was seen
   */
  boolean isPresentUntil(K key, long expiresAtNanos) {
    FileKey bytes = null;
    for (; ; ) {
      int moves = tiers.locks.moves(key);
      Entry entry = tiers.findQuietly(key);
      if (entry != null && !entry.isReleased()) {
        return true;
      }
      bytes = bytes == null ? tiers.keyBytes(key) : bytes;
      if (tiers.mayBeOnFile(bytes)) {
        return !tiers.expiration.isExpired(expiresAtNanos)
            || peek(key, value -> true) != MISS; // it may have been written anew
      }
      if (isMiss(key, entry, moves)) {
        return false;
      }
    }
  }

  private @Nullable Object fetchFromFile(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    FileKey bytes = null;
    for (; ; ) {
      int moves = tiers.locks.moves(key);
      Entry entry = tiers.find(key);
      Object seen = readEntry(entry, reader);
      if (seen != MemoryTier.GONE) {
        return seen;
      }
      bytes = bytes == null ? tiers.keyBytes(key) : bytes;
      if (bytes == null || !tiers.mayBeOnFile(bytes)) {
        if (isMiss(key, entry, moves)) {
          tiers.counters.misses.increment();
          return MISS;
        }
        continue;
      }
      Load mine = Load.ofCurrentThread(Load.Kind.READ);
      Load other = tiers.flights.begin(key, mine);
      if (other != null) {
        var _ = other.await(key);
        continue;
      }
      try {
        return lead(key, bytes, mine, reader);
      } finally {
        tiers.flights.end(key, mine, null);
      }
    }
  }

  /**
   * Whether a look that found nothing to read is a miss. An entry whose chunk is gone was replaced
   * or evicted while it was looked at, and the key may have another value. An overwrite takes the
   * old value out of spill and file after it put the new one into memory, and a value that moves
   * down leaves memory after it came to the file: a reader that looked at one place before that and
   * at the other after it must look again (R4).
   *
   * @param entry what memory had, its chunk gone; null if it had none
   * @param moves of the key, read before the look into memory
   */
  boolean isMiss(K key, @Nullable Entry entry, int moves) {
    if (entry != null) {
      Thread.yield(); // an evicted entry is found until the index has unlinked it
      return false;
    }
    return tiers.file == null || tiers.locks.moves(key) == moves;
  }

  /** Reads the file as the one leader. What another leader brought meanwhile is found first. */
  @Nullable Object lead(
      K key,
      FileKey bytes,
      Load load,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    try {
      for (; ; ) {
        int moves = tiers.locks.moves(key);
        Entry entry = tiers.find(key);
        Object seen = readEntry(entry, reader);
        if (seen != MemoryTier.GONE) {
          return seen;
        }
        try (FileValue found = tiers.readFile(bytes)) {
          if (found != null) {
            return readAndPromote(key, bytes, load, found, reader);
          }
        }
        if (isMiss(key, entry, moves)) {
          tiers.counters.misses.increment();
          return MISS;
        }
      }
    } finally {
      tiers.drain();
    }
  }

  /** A value came from the file to whoever leads: it is looked at, and brought to memory. */
  @Nullable Object readAndPromote(
      K key,
      FileKey bytes,
      Load load,
      FileValue found,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    tiers.counters.fileHits.increment();
    return found.chunkRef() == ChunkRef.NONE
        ? view(found, reader)
        : promote(key, bytes, load, found, reader);
  }

  private @Nullable Object promote(
      K key,
      FileKey bytes,
      Load load,
      FileValue found,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    Entry fresh = adopt(key, found);
    boolean kept = false;
    try {
      onPromote.accept(key, fresh); // may throw what the application's expiry or codec throws
      kept = tiers.promote(key, bytes, fresh, load);
      if (kept && fresh.isShortened()) {
        StaleRecords.remove(tiers, key, fresh);
      }
      tiers.flights.end(key, load, null);
      return memory.read(fresh, reader); // pinned, so it is not gone
    } finally {
      if (!kept) {
        tiers.demotion.releaseUnpublished(key, fresh);
      }
      memory.unpin(fresh);
    }
  }

  private Entry adopt(K key, FileValue found) {
    Entry adopted =
        memory.adopt(
            key,
            found.chunkRef(),
            found.leadBytes(),
            found.valueBytes(),
            found.expiresAtNanos(),
            true);
    var _ = found.takeChunk(); // only now: what can't be adopted goes back with the value
    return adopted;
  }

  private static @Nullable Object view(
      FileValue found, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    MemorySegment value = found.value();
    return ScopedView.read(value, 0, (int) value.byteSize(), reader);
  }
}
