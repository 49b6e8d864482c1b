package dev.carafe.tier;

import dev.carafe.base.Invariants;
import dev.carafe.device.NativeMemory;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.RecordIndex;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * A hash table in native memory from the hash of a cache's key to the address of its record. A slot
 * takes 20 bytes. A table takes 25 bytes a record when it is about to grow, and 50 when it has
 * grown.
 *
 * <p>A key is identified by its {@link KeyHash}. The index holds no key, so a reader compares the
 * key in the record. Two keys with the same first word and different checks have a slot each.
 *
 * <p>The index consists of {@linkplain IndexShard shards}, each a table with a lock of its own. The
 * low bits of the hash's first word select the shard. Callers hold the history lock for each change
 * except {@link #countRead}.
 *
 * <p>The tables can have a maximum size. They shrink to it after reclamation has removed the oldest
 * records, if recovery exceeded it because the file was written under a higher limit.
 */
final class CacheIndex implements AutoCloseable {
  /** The shards of the index of a file of one cache. */
  static final int MAX_SHARDS = 64;

  private static final int INITIAL_SLOTS = 64;
  private static final int PARALLEL_THRESHOLD = 16 * 1024;
  private static final int MAX_SLOTS = 1 << 29;

  private final int cache;

  /** The initial table of every shard, in one mapping. A cache with few keys needs no other. */
  private final NativeMemory initialTables;

  private final IndexShard[] shards;
  private final AtomicLong count = new AtomicLong();
  private final int maxSlots;
  private final long maxRecords;

  /**
   * Creates an empty index.
   *
   * @param cache the number of the cache
   * @param shardCount the number of shards, a power of two up to {@value #MAX_SHARDS}
   * @param maxBytes the limit of its tables; {@link Long#MAX_VALUE} for none
   */
  CacheIndex(int cache, int shardCount, long maxBytes) {
    long slots = Math.clamp(maxBytes / IndexTable.bytes(shardCount), INITIAL_SLOTS, MAX_SLOTS);
    this.cache = cache;
    this.maxSlots = Integer.highestOneBit((int) slots);
    this.maxRecords = maxSlots == MAX_SLOTS ? Long.MAX_VALUE : shardCount * (maxSlots * 4L / 5);
    this.initialTables = NativeMemory.map(shardCount * IndexTable.bytes(INITIAL_SLOTS), false);
    this.shards = new IndexShard[shardCount];
    for (int i = 0; i < shardCount; i++) {
      shards[i] = new IndexShard(initialTable(i), maxSlots);
    }
  }

  private IndexTable initialTable(int shard) {
    long bytes = IndexTable.bytes(INITIAL_SLOTS);
    return new IndexTable(
        null, initialTables.segment().asSlice(shard * bytes, bytes), INITIAL_SLOTS - 1);
  }

  private IndexShard shardOf(KeyHash hash) {
    return shards[(int) hash.first() & (shards.length - 1)];
  }

  long find(KeyHash hash) {
    return shardOf(hash).find(hash);
  }

  long put(KeyHash hash, long address) {
    long before = shardOf(hash).put(hash, address);
    if (before == RecordAddress.NONE) {
      count.getAndIncrement();
    }
    return before;
  }

  /** As {@link FileIndex#ensureRoom}. */
  boolean ensureRoom(KeyHash hash) {
    IndexShard shard = shardOf(hash);
    if (count.get() >= maxRecords || shard.isAtLimit()) {
      return shard.find(hash) != RecordAddress.NONE;
    }
    shard.ensureRoom();
    return true;
  }

  /** Returns by how many bytes the index grows if a key is put; 0 if it has room. */
  long growthBytes(KeyHash hash) {
    IndexShard shard = shardOf(hash);
    return shard.isFull() ? shard.bytes() : 0;
  }

  /** Returns whether few records are left to the maximum size of the tables. */
  boolean isNearlyFull() {
    return count.get() > maxRecords - maxRecords / 16;
  }

  /** Sizes each table once, to the size that repeated doubling would reach. */
  void reserve(long records) {
    int slots = (int) Math.min(records / shards.length * 5 / 4, maxSlots / 2);
    for (IndexShard shard : shards) {
      shard.reserve(slots);
    }
  }

  /**
   * Applies the changes shard by shard, so that the processor's cache holds one table at a time.
   * From 16,384 changes on, all processors work in parallel, since recovery waits for this.
   */
  void putAll(KeyHashes changes) {
    int[] bounds = new int[shards.length + 1];
    long[] sorted = changes.sortedBy(shards.length, bounds);
    int parts = Math.min(Runtime.getRuntime().availableProcessors(), shards.length);
    if (changes.count() < PARALLEL_THRESHOLD || parts == 1) {
      putShards(0, 1, sorted, bounds);
    } else {
      IntStream.range(0, parts).parallel().forEach(i -> putShards(i, parts, sorted, bounds));
    }
  }

  private void putShards(int first, int step, long[] sorted, int[] bounds) {
    IndexBulkLoad load = new IndexBulkLoad();
    for (int i = first; i < shards.length; i += step) {
      count.getAndAdd(shards[i].putAll(load, sorted, bounds[i], bounds[i + 1]));
    }
  }

  long remove(KeyHash hash) {
    long before = shardOf(hash).remove(hash);
    if (before != RecordAddress.NONE) {
      count.getAndDecrement();
    }
    return before;
  }

  /** As {@link FileIndex#countRead}. */
  void countRead(KeyHash hash, long address) {
    long counted = RecordAddress.withOneMoreRead(address);
    if (counted != address) { // equal at the maximum
      shardOf(hash).replace(hash, address, counted);
    }
  }

  /** Removes all records. The tables are added to those to unmap. */
  void clear(DiscardedTables discarded) {
    for (int i = 0; i < shards.length; i++) {
      count.getAndAdd(-shards[i].clear(initialTable(i), discarded));
    }
  }

  /** Visits a copy of all records. */
  void forEach(RecordIndex.Visitor visitor) {
    for (IndexShard shard : shards) {
      KeyHashes copy = shard.copyOfRecords(cache);
      for (int i = 0; i < copy.count(); i++) {
        visitor.visit(copy.hash(i), copy.word(i));
      }
    }
  }

  /** Visits each shard under its lock, without a copy or an object for each record. */
  void forEachAddress(RecordIndex.AddressVisitor visitor) {
    LongConsumer ofCache = address -> visitor.visit(cache, address);
    for (IndexShard shard : shards) {
      shard.forEachAddress(ofCache);
    }
  }

  long count() {
    return count.get();
  }

  /** Returns the memory of all tables in bytes. */
  long bytes() {
    long bytes = 0;
    for (IndexShard shard : shards) {
      bytes += shard.bytes();
    }
    return bytes;
  }

  void checkInvariants() {
    long[] found = {0};
    forEach((hash, address) -> {
      found[0]++;
      Invariants.check(find(hash) == address, "CacheIndex: find does not return a visited record");
    });
    Invariants.check(
        found[0] == count.get(),
        "CacheIndex: " + found[0] + " records in the tables, counted " + count.get());
  }

  @Override
  public void close() {
    for (IndexShard shard : shards) {
      shard.close();
    }
    initialTables.close();
  }
}
