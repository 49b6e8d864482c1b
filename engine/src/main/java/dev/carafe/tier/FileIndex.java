package dev.carafe.tier;

import dev.carafe.base.Invariants;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.RecordIndex;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The index of a file: a {@link CacheIndex} for each cache that has had a record. So a cache is
 * removed in constant time, whatever its size.
 *
 * <p>Callers hold the history lock for each change except {@link #countRead}.
 *
 * <p>The index can have a limit in bytes (contract B1). At the limit {@link #ensureRoom} refuses a
 * new key, and log maintenance reclaims extents while the index {@linkplain #isNearlyFull is nearly
 * full}. Only recovery may exceed the limit, if the file was written under a higher one.
 */
final class FileIndex implements RecordIndex, AutoCloseable {
  /** A file of many caches has many indexes, most of them small. */
  private static final int SHARDS_OF_MANY = 16;

  /** The first length of a list of the changes of one of many caches. It grows by doubling. */
  private static final int INITIAL_CHANGES = 16;

  private final long maxBytes;
  private final DiscardedTables discarded = new DiscardedTables();
  private volatile @Nullable CacheIndex[] caches = {};

  /** Whether the limit has refused a growth since the last removal. Only with many caches. */
  private volatile boolean growthRefused;

  /**
   * Creates an empty index.
   *
   * @param maxBytes the limit of its tables; {@link Long#MAX_VALUE} for none
   */
  FileIndex(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Returns the index of a cache; null if it has had no record. */
  private @Nullable CacheIndex indexOf(int cache) {
    @Nullable CacheIndex[] seen = caches;
    return cache >= 0 && cache < seen.length ? seen[cache] : null;
  }

  /** Returns the index of a cache, which is created for its first record. */
  private CacheIndex create(int cache) {
    CacheIndex present = indexOf(cache);
    if (present != null) {
      return present;
    }
    @Nullable CacheIndex[] seen = caches;
    @Nullable CacheIndex[] copy = Arrays.copyOf(seen, Math.max(seen.length, cache + 1));
    int shards = cache == CacheNumber.ALL ? CacheIndex.MAX_SHARDS : SHARDS_OF_MANY;
    CacheIndex created = new CacheIndex(cache, shards, maxBytes);
    copy[cache] = created;
    caches = copy;
    return created;
  }

  @Override
  public long find(KeyHash hash) {
    CacheIndex index = indexOf(hash.cache());
    return index == null ? RecordAddress.NONE : index.find(hash);
  }

  @Override
  public long put(KeyHash hash, long address) {
    return create(hash.cache()).put(hash, address);
  }

  /**
   * Makes room for one more key, so that the next {@link #put} of it allocates nothing. Under the
   * history lock.
   *
   * @return false if the limit allows no more records, and the index does not have the key
   */
  boolean ensureRoom(KeyHash hash) {
    CacheIndex index = create(hash.cache());
    long growth = isLimited() ? index.growthBytes(hash) : 0;
    if (growth > 0 && bytes() + growth > maxBytes) {
      discarded.free(); // maintenance has not yet
      if (hash.cache() != CacheNumber.ALL && bytes() + growth > maxBytes) {
        growthRefused = true;
        return index.find(hash) != RecordAddress.NONE;
      }
    }
    return index.ensureRoom(hash);
  }

  /** Returns the tables of cleared indexes that are not unmapped yet. */
  DiscardedTables discarded() {
    return discarded;
  }

  private boolean isLimited() {
    return maxBytes != Long.MAX_VALUE;
  }

  @Override
  public boolean isNearlyFull() {
    if (!isLimited()) {
      return false;
    }
    for (CacheIndex index : caches) {
      if (index != null && index.isNearlyFull()) {
        return true;
      }
    }
    return growthRefused;
  }

  /** Reserves memory in a file of one cache. Of many caches, the shares are not known. */
  @Override
  public void reserve(long records) {
    CacheIndex only = indexOf(CacheNumber.ALL);
    if (only != null || caches.length == 0) {
      create(CacheNumber.ALL).reserve(records);
    }
  }

  /** Applies the changes cache by cache. */
  @Override
  public void putAll(KeyHashes changes) {
    Map<Integer, KeyHashes> byCache = new TreeMap<>();
    int only = changes.count() == 0 ? CacheNumber.ALL : changes.cache(0);
    boolean many = false;
    for (int i = 1; i < changes.count() && !many; i++) {
      many = changes.cache(i) != only;
    }
    if (many) {
      for (int i = 0; i < changes.count(); i++) {
        byCache
            .computeIfAbsent(changes.cache(i), _ -> new KeyHashes(INITIAL_CHANGES))
            .add(changes, i, changes.word(i));
      }
    } else {
      byCache.put(only, changes);
    }
    byCache.forEach((cache, ofCache) -> create(cache).putAll(ofCache));
  }

  @Override
  public long remove(KeyHash hash) {
    CacheIndex index = indexOf(hash.cache());
    growthRefused = false;
    return index == null ? RecordAddress.NONE : index.remove(hash);
  }

  /** Increments the read count of a key, if the key's record is still at this address. */
  void countRead(KeyHash hash, long address) {
    CacheIndex index = indexOf(hash.cache());
    if (index != null) {
      index.countRead(hash, address);
    }
  }

  @Override
  public void clear() {
    for (CacheIndex index : caches) {
      if (index != null) {
        index.clear(discarded);
      }
    }
    growthRefused = false;
  }

  @Override
  public void clear(int cache) {
    CacheIndex index = indexOf(cache);
    if (index != null) {
      index.clear(discarded);
      growthRefused = false;
    }
  }

  @Override
  public void forEach(Visitor visitor) {
    for (CacheIndex index : caches) {
      if (index != null) {
        index.forEach(visitor);
      }
    }
  }

  /** Visits a copy of the records of one cache. */
  void forEach(int cache, Visitor visitor) {
    CacheIndex index = indexOf(cache);
    if (index != null) {
      index.forEach(visitor);
    }
  }

  /** Visits each shard under its lock, without a copy or an object for each record. */
  @Override
  public void forEachAddress(AddressVisitor visitor) {
    for (CacheIndex index : caches) {
      if (index != null) {
        index.forEachAddress(visitor);
      }
    }
  }

  long count() {
    long count = 0;
    for (CacheIndex index : caches) {
      count += index == null ? 0 : index.count();
    }
    return count;
  }

  /** Returns the number of records of a cache. */
  long count(int cache) {
    CacheIndex index = indexOf(cache);
    return index == null ? 0 : index.count();
  }

  /** Returns the numbers of the caches that have records. */
  int[] caches() {
    return IntStream.range(0, caches.length).filter(cache -> count(cache) > 0).toArray();
  }

  /** Returns the memory of all tables in bytes, with those that are not unmapped yet. */
  long bytes() {
    long bytes = discarded.bytes();
    for (CacheIndex index : caches) {
      bytes += index == null ? 0 : index.bytes();
    }
    return bytes;
  }

  void checkInvariants() {
    for (CacheIndex index : caches) {
      if (index != null) {
        index.checkInvariants();
      }
    }
    Invariants.check(count() >= 0, "FileIndex: a negative number of records");
  }

  @Override
  public void close() {
    for (CacheIndex index : caches) {
      if (index != null) {
        index.close();
      }
    }
    discarded.free();
  }
}
