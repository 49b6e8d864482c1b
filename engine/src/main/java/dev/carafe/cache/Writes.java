package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.FileOptions.Overload;
import dev.carafe.FileOptions.Persist;
import dev.carafe.cache.Expiration.Kind;
import dev.carafe.cache.Values.EncodedValue;
import dev.carafe.cache.Values.InChunk;
import dev.carafe.cache.Values.TooLarge;
import dev.carafe.cache.Values.Unpooled;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileValue;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes of single keys. Values are encoded without a lock, and published under the key's lock.
 *
 * <p>Proved by {@code CarafeTest}, {@code TiersLincheckTest} and {@code FailingWorldTest}.
 *
 * @param <K> keys
 * @param <V> values
 */
final class Writes<K, V> {
  private final Tiers<K> tiers;
  private final Values<V> values;
  private final Reads<K> reads;
  private final Expiration<K, V> expiration;
  private final Publication<K> publication;
  private final Gate gate;
  private final RejectedValues<K, V> rejectedValues;

  Writes(
      Tiers<K> tiers,
      Values<V> values,
      Reads<K> reads,
      Expiration<K, V> expiration,
      Publication<K> publication,
      Gate gate) {
    this.tiers = tiers;
    this.values = values;
    this.reads = reads;
    this.expiration = expiration;
    this.publication = publication;
    this.gate = gate;
    this.rejectedValues = new RejectedValues<>(publication);
  }

  /** The same for a value that is written again by a computation that did not replace it. */
  Writes<K, V> ofRewrites() {
    return new Writes<>(tiers, values, reads, expiration, publication.ofRewrites(), gate);
  }

  EntryAges ages() {
    return publication.ages();
  }

  Expiration<K, V> expiration() {
    return expiration;
  }

  void put(K key, V value) {
    int pass = gate.enter();
    try {
      put(key, tiers.keyBytes(key), value);
    } finally {
      gate.exit(pass);
    }
    drainSpill();
  }

  /** Encodes and publishes a value. The caller is inside the gate. */
  void put(K key, @Nullable FileKey bytes, V value) {
    if (expiration.kind() == Kind.VARIABLE) {
      putTimed(key, bytes, value);
    } else {
      long expiresAtNanos = expiration.ofWrite(key, () -> value, null);
      put(key, bytes, value, expiresAtNanos);
    }
  }

  /** As above, with the expiration time of the value. */
  void put(K key, @Nullable FileKey bytes, V value, long expiresAtNanos) {
    publish(
        key, bytes, values.write(tiers.cache.keys().bytesOf(key, bytes), value), expiresAtNanos);
  }

  /** Calls the expiry under the key's lock; it needs the replaced value's expiration time. */
  private void putTimed(K key, @Nullable FileKey bytes, V value) {
    ReentrantLock lock = tiers.storage.locks.of(key);
    lock.lock();
    try {
      long expiresAtNanos = expiration.ofWrite(key, () -> value, expirationOf(key, bytes));
      put(key, bytes, value, expiresAtNanos);
    } finally {
      lock.unlock();
    }
  }

  /** Changes a value's expiration time: in memory if it can be promoted, else in the file. */
  void expireAt(K key, long expiresAtNanos) {
    var _ = reads.fetch(key, value -> "");
    int pass = gate.enter();
    ReentrantLock lock = tiers.storage.locks.of(key);
    lock.lock();
    try {
      FileKey bytes = tiers.keyBytes(key);
      Entry entry = tiers.entries.findQuietly(key);
      if (entry != null) {
        boolean wasRecent = tiers.storage.memory.reads().removeFromRecentReads(entry.keyHash());
        entry.setExpiresAt(expiresAtNanos);
        if (wasRecent) {
          tiers.storage.memory.reads().addToRecentReads(entry);
        }
        tiers.index.expireAfter(entry, expiration.remainingNanos(expiresAtNanos));
        tiers.dirty.add(key, entry, Persist.EVICTIONS);
        tiers.staleRecords.remove(key, entry);
      } else if (tiers.storage.file != null && bytes != null && tiers.mayBeInFile(bytes)) {
        try (FileValue found = tiers.readFile(bytes)) {
          if (found != null) {
            tiers.storage.file.put(bytes, found.value(), expiresAtNanos, Overload.WAIT);
          }
        }
      }
    } finally {
      lock.unlock();
      gate.exit(pass);
    }
  }

  /** Returns the expiration time of the key's value in either tier; null if it has none. */
  @Nullable Long expirationOf(K key, @Nullable FileKey bytes) {
    Entry current = tiers.entries.findQuietly(key);
    if (current != null) {
      return current.expiresAtNanos();
    }
    if (bytes == null || !tiers.mayBeInFile(bytes)) {
      return null;
    }
    try (FileValue found = tiers.readFile(bytes)) {
      return found == null ? null : (Long) found.expiresAtNanos();
    }
  }

  void put(K key, int valueBytes, Consumer<? super MemorySegment> writer) {
    int pass = gate.enter();
    try {
      FileKey bytes = tiers.keyBytes(key);
      EncodedValue written =
          values.write(tiers.cache.keys().bytesOf(key, bytes), valueBytes, writer);
      if (written instanceof TooLarge tooLarge) {
        rejectedValues.reject(key, bytes, tooLarge, null);
        return;
      }
      boolean timed = false;
      long expiresAtNanos = Expiration.NEVER;
      try {
        Long replaced = expiration.kind() == Kind.VARIABLE ? expirationOf(key, bytes) : null;
        expiresAtNanos = expiration.ofWrite(key, () -> values.decode(written), replaced);
        timed = true;
      } finally {
        if (!timed) {
          values.discard(written); // the application's expiry or codec threw
        }
      }
      publish(key, bytes, written, expiresAtNanos);
    } finally {
      gate.exit(pass);
    }
    drainSpill();
  }

  private void publish(K key, @Nullable FileKey bytes, EncodedValue written, long expiresAtNanos) {
    switch (written) {
      case InChunk chunk -> {
        try (chunk) {
          publication.publish(key, bytes, chunk, expiresAtNanos);
        }
      }
      case Unpooled unpooled -> {
        try (unpooled) {
          storeUnpooled(key, bytes, unpooled, expiresAtNanos, null);
        }
      }
      case TooLarge tooLarge -> rejectedValues.reject(key, bytes, tooLarge, null);
    }
  }

  private boolean storeUnpooled(
      K key, @Nullable FileKey bytes, Unpooled unpooled, long expiresAtNanos, @Nullable Load load) {
    boolean stored = publication.storeInFile(key, bytes, unpooled.value(), expiresAtNanos, load);
    tiers.cache.counters().puts.increment();
    (stored ? tiers.cache.counters().spilled : tiers.cache.counters().dropped).increment();
    if (!stored && load == null) {
      byte[] value =
          tiers.cache.removals().hasListeners()
              ? RemovalNotifier.COPY.apply(unpooled.value())
              : null;
      tiers.cache.removals().notifyRemoved(key, unpooled.valueBytes(), value, RemovalCause.SIZE);
    }
    return stored;
  }

  /**
   * Publishes a loaded value, unless a write has superseded the load.
   *
   * @return whether the value was stored
   */
  boolean putLoaded(K key, V value, Load load) {
    int pass = gate.enter();
    boolean kept = false;
    boolean refused = false;
    try {
      FileKey bytes = tiers.keyBytes(key);
      removeUnreadable(key, bytes, load);
      long expiresAtNanos = expiration.ofWrite(key, () -> value, null);
      EncodedValue written = values.write(tiers.cache.keys().bytesOf(key, bytes), value);
      kept =
          switch (written) {
            case InChunk chunk -> {
              try (chunk) {
                yield publication.publishLoaded(key, bytes, chunk, expiresAtNanos, load);
              }
            }
            case Unpooled unpooled -> {
              try (unpooled) {
                yield storeUnpooled(key, bytes, unpooled, expiresAtNanos, load);
              }
            }
            case TooLarge tooLarge -> {
              refused = !load.isSuperseded();
              if (refused) {
                rejectedValues.reject(key, bytes, tooLarge, load);
              }
              yield false;
            }
          };
      return kept;
    } finally {
      gate.exit(pass);
      drainSpill();
      RemovalCause cause = load.cause();
      if (!kept && !refused && cause != null) {
        rejectedValues.notifyDiscarded(key, value, cause);
      }
    }
  }

  /**
   * Removes a value that the codec can't decode. Such a value was read as a miss, and would prevent
   * the installation of the loaded value.
   *
   * @param load the key's load, which the removal does not supersede; null for a refresh
   */
  void removeUnreadable(K key, @Nullable FileKey bytes, @Nullable Load load) {
    if (!values.hasUnreadable()) {
      return;
    }
    ReentrantLock lock = tiers.storage.locks.of(key);
    lock.lock();
    try {
      if (current(key) == null && (load == null || !load.isSuperseded())) {
        if (load != null) {
          tiers.cache.flights().unregister(key, load);
        }
        var _ = tiers.remove(key, bytes);
      }
    } finally {
      lock.unlock();
    }
  }

  boolean remove(K key) {
    int pass = gate.enter();
    try {
      return tiers.remove(key, tiers.keyBytes(key));
    } finally {
      gate.exit(pass);
    }
  }

  /** Returns the key's value without recording the read. The caller is inside the gate. */
  @SuppressWarnings("unchecked")
  @Nullable V current(K key) {
    Object seen = reads.peek(key, values.decoder);
    return seen == Reads.MISS ? null : (V) seen;
  }

  /** Writes evicted entries to the file on the thread whose write evicted them. */
  void drainSpill() {
    if (!tiers.storage.spill.isEmpty()) {
      int pass = gate.enterUnlessClosed();
      if (pass >= 0) {
        try {
          tiers.writer.drain();
        } finally {
          gate.exit(pass);
        }
      }
    }
  }
}
