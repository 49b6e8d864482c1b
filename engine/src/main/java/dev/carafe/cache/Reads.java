package dev.carafe.cache;

import dev.carafe.region.ChunkRef;
import dev.carafe.region.ScopedView;
import dev.carafe.spi.EqualByBytes;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileValue;
import dev.carafe.tier.MemoryTier;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads of single keys: from memory without a lock, else from the file by one thread on behalf of
 * all readers of the key.
 *
 * <p>Proved by {@code LoadingTest}, {@code AlwaysThereTest} and {@code TiersLincheckTest}.
 *
 * @param <K> keys
 */
final class Reads<K> {
  /** The result of a fetch if neither tier has the key. */
  static final Object MISS = new Object();

  private final Tiers<K> tiers;
  private final MemoryTier memory;
  private final Counters counters;
  private final EqualByBytes<K> keyCodec;
  private final Gate gate;
  private final Publication<K> publication;
  private final BiConsumer<K, Entry> onPromote;
  private final PromotionFilter filter;
  private final LongSupplier entryCount;

  /** Whether each read must find an entry, which has the expiration time. */
  private final boolean promotesAll;

  /**
   * Creates the reads of a cache.
   *
   * @param onPromote called with each entry that is promoted from the file, before it is published
   */
  Reads(Publication<K> publication, Gate gate, BiConsumer<K, Entry> onPromote) {
    this.publication = publication;
    this.tiers = publication.tiers();
    this.onPromote = onPromote;
    this.memory = tiers.storage.memory;
    this.counters = tiers.cache.counters();
    this.keyCodec = tiers.cache.keys().codec();
    this.gate = gate;
    this.filter = tiers.promotionFilter;
    this.entryCount = tiers.index::count;
    this.promotesAll = tiers.cache.expiration().dependsOnReads();
  }

  /**
   * Reads a key's value, and promotes it to memory if only the file has it.
   *
   * @return the reader's result, or {@link #MISS}
   */
  @Nullable Object fetch(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    Object seen = memory.reads().readRecent(key, keyCodec, reader);
    if (seen != MemoryTier.STALE) {
      counters.memoryHits.increment();
      return seen;
    }
    return fetchRecorded(key, reader);
  }

  /** Promotes the value at the next read, if the file has it. A lease needs it in memory. */
  void expectLease(K key) {
    FileKey bytes = tiers.keyBytes(key);
    if (bytes != null) {
      filter.expectRead(bytes.hash(), entryCount);
    }
  }

  private @Nullable Object fetchRecorded(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    Object seen = readEntry(tiers.entries.readIndex(key), reader);
    if (seen != MemoryTier.STALE) {
      return seen;
    }
    int pass = gate.enter();
    try {
      return fetchFromFile(key, reader);
    } finally {
      gate.exit(pass);
    }
  }

  /** Reads from memory only. Records a hit, but no miss. */
  @Nullable Object getFromMemory(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    Object recent = memory.reads().readRecent(key, keyCodec, reader);
    if (recent != MemoryTier.STALE) {
      counters.memoryHits.increment();
      return recent;
    }
    for (; ; ) {
      Entry entry = tiers.entries.find(key);
      Object seen = readEntry(entry, reader);
      if (seen != MemoryTier.STALE) {
        return seen;
      }
      if (entry == null) {
        return MISS;
      }
      Thread.yield(); // as in isMiss
    }
  }

  /**
   * Reads an entry and records a hit; returns STALE if there is no entry or its chunk was released.
   */
  private @Nullable Object readEntry(
      @Nullable Entry entry, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    if (entry == null) {
      return MemoryTier.STALE;
    }
    Object seen = memory.reads().read(entry, reader);
    if (seen != MemoryTier.STALE) {
      tiers.accesses.memoryHit(entry);
    }
    return seen;
  }

  /**
   * The result of a read that records no access.
   *
   * @param value the reader's result
   * @param entry the entry in memory, or null
   * @param expiresAtNanos the value's expiration time
   */
  record PeekResult(@Nullable Object value, @Nullable Entry entry, long expiresAtNanos) {}

  /**
   * As {@link #fetch}, but without recording an access for the policy or the counters, and without
   * promotion.
   */
  @Nullable Object peek(K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    PeekResult seen = peekWithExpiration(key, reader);
    return seen == null ? MISS : seen.value();
  }

  /** As {@link #peek}, but also returns the entry and the expiration time; null is a miss. */
  @Nullable PeekResult peekWithExpiration(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    FileKey bytes = null;
    for (; ; ) {
      int version = tiers.storage.locks.version(key);
      Entry entry = tiers.entries.findQuietly(key);
      Object seen = entry == null ? MemoryTier.STALE : memory.reads().read(entry, reader);
      if (entry != null && seen != MemoryTier.STALE) {
        return new PeekResult(seen, entry, entry.expiresAtNanos());
      }
      bytes = bytes == null ? tiers.keyBytes(key) : bytes;
      if (bytes != null && tiers.mayBeInFile(bytes)) {
        try (FileValue found = tiers.readFile(bytes)) {
          if (found != null) {
            return new PeekResult(view(found, reader), null, found.expiresAtNanos());
          }
        }
      }
      if (isMiss(key, entry, version)) {
        return null;
      }
    }
  }

  /**
   * Returns whether a key that an iterator found is still present. Reads its value from the file
   * only if the value that the iterator found has expired.
   *
   * @param expiresAtNanos the value's expiration time when the key was seen
   */
  boolean isPresentUntil(K key, long expiresAtNanos) {
    FileKey bytes = null;
    for (; ; ) {
      int version = tiers.storage.locks.version(key);
      Entry entry = tiers.entries.findQuietly(key);
      if (entry != null && !entry.isReleased()) {
        return true;
      }
      bytes = bytes == null ? tiers.keyBytes(key) : bytes;
      if (tiers.mayBeInFile(bytes)) {
        return !tiers.cache.expiration().isExpired(expiresAtNanos)
            || peek(key, value -> true) != MISS; // it may have been overwritten
      }
      if (isMiss(key, entry, version)) {
        return false;
      }
    }
  }

  private @Nullable Object fetchFromFile(
      K key, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    FileKey bytes = null;
    for (; ; ) {
      int version = tiers.storage.locks.version(key);
      Entry entry = tiers.entries.find(key);
      Object seen = readEntry(entry, reader);
      if (seen != MemoryTier.STALE) {
        return seen;
      }
      bytes = bytes == null ? tiers.keyBytes(key) : bytes;
      if (bytes == null || !tiers.mayBeInFile(bytes)) {
        if (isMiss(key, entry, version)) {
          tiers.accesses.miss(key);
          return MISS;
        }
        continue;
      }
      Load mine = Load.ofCurrentThread(Load.Kind.READ);
      Load other = tiers.cache.flights().begin(key, mine);
      if (other != null) {
        var _ = other.await(key);
        continue;
      }
      try {
        return lead(key, bytes, mine, reader);
      } finally {
        tiers.cache.flights().end(key, mine, null);
      }
    }
  }

  /**
   * Returns whether a lookup that found no value is a miss. If an entry was found but its chunk was
   * released, the entry was replaced or evicted during the lookup, and the key may have another
   * value. An overwrite removes the old value from spill and file after it has put the new one into
   * memory, and an eviction removes a value from memory after it has stored it in the file. A
   * reader that checked one place before such a change and the other place after it must repeat the
   * lookup (R4).
   *
   * @param entry the entry found in memory, whose chunk was released; null if there was none
   * @param version the {@link KeyLocks#version} of the key before the lookup in memory
   */
  boolean isMiss(K key, @Nullable Entry entry, int version) {
    if (entry != null) {
      Thread.yield(); // the index returns an evicted entry until it has unlinked it
      return false;
    }
    return tiers.storage.locks.version(key) == version;
  }

  /**
   * Reads the file as the leader of the key. First looks for a value that another leader has
   * promoted meanwhile.
   */
  @Nullable Object lead(
      K key,
      FileKey bytes,
      Load load,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    try {
      for (; ; ) {
        int version = tiers.storage.locks.version(key);
        Entry entry = tiers.entries.find(key);
        Object seen = readEntry(entry, reader);
        if (seen != MemoryTier.STALE) {
          return seen;
        }
        try (FileValue found = tiers.readFile(bytes)) {
          if (found != null) {
            return readAndPromote(key, bytes, load, found, reader);
          }
        }
        if (isMiss(key, entry, version)) {
          tiers.accesses.miss(key);
          return MISS;
        }
      }
    } finally {
      tiers.writer.drain();
    }
  }

  /**
   * Reads a value that the leader got from the file. Promotes it if the filter admits it, or if
   * other callers wait for this read (R5).
   */
  @Nullable Object readAndPromote(
      K key,
      FileKey bytes,
      Load load,
      FileValue found,
      Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    tiers.accesses.fileHit(key, found);
    return found.chunkRef() == ChunkRef.NONE
            || (!isPromoted(bytes) && tiers.cache.flights().endWithoutWaiters(key, load))
        ? view(found, reader)
        : promote(key, bytes, load, found, reader);
  }

  private boolean isPromoted(FileKey bytes) {
    return promotesAll || filter.admits(bytes.hash(), entryCount);
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
      onPromote.accept(key, fresh); // may throw an exception of the application's expiry or codec
      kept = publication.promote(key, bytes, fresh, load);
      if (kept && fresh.isShortened()) {
        tiers.staleRecords.remove(key, fresh);
      }
      tiers.cache.flights().end(key, load, null);
      return memory.reads().read(fresh, reader); // pinned, so it is not released
    } finally {
      if (!kept) {
        tiers.demotion.releaseIfUnreachable(fresh);
      }
      memory.unpin(fresh);
    }
  }

  private Entry adopt(K key, FileValue found) {
    Entry adopted = memory.adopt(key, found.chunkRef(), found.expiresAtNanos(), true);
    var _ = found.takeChunk(); // last: if adopt throws, closing the value frees the chunk
    return adopted;
  }

  private static @Nullable Object view(
      FileValue found, Function<? super MemorySegment, ? extends @Nullable Object> reader) {
    MemorySegment value = found.value();
    return ScopedView.read(value, 0, (int) value.byteSize(), reader);
  }
}
