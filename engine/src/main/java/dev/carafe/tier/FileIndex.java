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
 * A hash table in native memory from the hash of a key to the address of its record. A slot takes
 * 20 bytes. A table takes 25 bytes a record when it is about to grow, and 50 when it has grown.
 *
 * <p>A key is identified by its {@link KeyHash}. The index holds no key, so a reader compares the
 * key in the record. Two keys with the same first word and different checks have a slot each.
 *
 * <p>The index consists of 64 {@linkplain IndexShard shards}, each a table with a lock of its own.
 * The low bits of the hash's first word select the shard. Callers hold the history lock for each
 * change except {@link #countRead}.
 *
 * <p>The index can have a limit in bytes (contract B1). Tables at the limit do not grow: {@link
 * #ensureRoom} refuses a new key, and log maintenance reclaims extents while the index {@linkplain
 * #isNearlyFull is nearly full}. Only recovery may exceed the limit, if the file was written under
 * a higher one. The tables shrink after reclamation has removed the oldest records.
 */
final class FileIndex implements RecordIndex, AutoCloseable {
  private static final int SHARDS = 64;
  private static final int INITIAL_SLOTS = 64;
  private static final int PARALLEL_THRESHOLD = 16 * 1024;
  private static final int MAX_SLOTS = 1 << 29;

  /** The initial table of every shard, in one mapping. A file with few keys needs no other. */
  private final NativeMemory initialTables =
      NativeMemory.map(SHARDS * IndexTable.bytes(INITIAL_SLOTS), false);

  private final IndexShard[] shards = new IndexShard[SHARDS];
  private final AtomicLong count = new AtomicLong();
  private final int maxSlots;
  private final long maxRecords;

  /**
   * Creates an empty index.
   *
   * @param maxBytes the limit of its tables; {@link Long#MAX_VALUE} for none
   */
  FileIndex(long maxBytes) {
    long slots = Math.clamp(maxBytes / IndexTable.bytes(SHARDS), INITIAL_SLOTS, MAX_SLOTS);
    this.maxSlots = Integer.highestOneBit((int) slots);
    this.maxRecords = maxSlots == MAX_SLOTS ? Long.MAX_VALUE : SHARDS * (maxSlots * 4L / 5);
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new IndexShard(initialTable(i), maxSlots);
    }
  }

  private IndexTable initialTable(int shard) {
    long bytes = IndexTable.bytes(INITIAL_SLOTS);
    return new IndexTable(
        null, initialTables.segment().asSlice(shard * bytes, bytes), INITIAL_SLOTS - 1);
  }

  private IndexShard shardOf(KeyHash hash) {
    return shards[(int) hash.first() & (SHARDS - 1)];
  }

  @Override
  public long find(KeyHash hash) {
    return shardOf(hash).find(hash);
  }

  @Override
  public long put(KeyHash hash, long address) {
    long before = shardOf(hash).put(hash, address);
    if (before == RecordAddress.NONE) {
      count.getAndIncrement();
    }
    return before;
  }

  /**
   * Makes room for one more key in its shard, so that the next {@link #put} of it allocates
   * nothing. Under the history lock.
   *
   * @return false if the limit allows no more records, and the index does not have the key
   */
  boolean ensureRoom(KeyHash hash) {
    IndexShard shard = shardOf(hash);
    if (count.get() >= maxRecords || shard.isAtLimit()) {
      return shard.find(hash) != RecordAddress.NONE;
    }
    shard.ensureRoom();
    return true;
  }

  @Override
  public boolean isNearlyFull() {
    return count.get() > maxRecords - maxRecords / 16;
  }

  /** Sizes each table once, to the size that repeated doubling would reach. */
  @Override
  public void reserve(long records) {
    int slots = (int) Math.min(records / SHARDS * 5 / 4, maxSlots / 2);
    for (IndexShard shard : shards) {
      shard.reserve(slots);
    }
  }

  /**
   * Applies the changes shard by shard, so that the processor's cache holds one table at a time.
   * From 16,384 changes on, all processors work in parallel, since recovery waits for this.
   */
  @Override
  public void putAll(KeyHashes changes) {
    int[] bounds = new int[SHARDS + 1];
    long[] sorted = changes.sortedBy(SHARDS, bounds);
    int parts = Math.min(Runtime.getRuntime().availableProcessors(), SHARDS);
    if (changes.count() < PARALLEL_THRESHOLD || parts == 1) {
      putShards(0, 1, sorted, bounds);
    } else {
      IntStream.range(0, parts).parallel().forEach(i -> putShards(i, parts, sorted, bounds));
    }
  }

  private void putShards(int first, int step, long[] sorted, int[] bounds) {
    IndexBulkLoad load = new IndexBulkLoad();
    for (int i = first; i < SHARDS; i += step) {
      count.getAndAdd(shards[i].putAll(load, sorted, bounds[i], bounds[i + 1]));
    }
  }

  @Override
  public long remove(KeyHash hash) {
    long before = shardOf(hash).remove(hash);
    if (before != RecordAddress.NONE) {
      count.getAndDecrement();
    }
    return before;
  }

  /** Increments the read count of a key, if the key's record is still at this address. */
  void countRead(KeyHash hash, long address) {
    long counted = RecordAddress.withOneMoreRead(address);
    if (counted != address) { // equal at the maximum
      shardOf(hash).replace(hash, address, counted);
    }
  }

  @Override
  public void clear() {
    for (int i = 0; i < SHARDS; i++) {
      count.getAndAdd(-shards[i].clear(initialTable(i)));
    }
  }

  @Override
  public void forEach(Visitor visitor) {
    for (IndexShard shard : shards) {
      KeyHashes copy = shard.copyOfRecords();
      for (int i = 0; i < copy.count(); i++) {
        visitor.visit(copy.hash(i), copy.word(i));
      }
    }
  }

  /** Visits each shard under its lock, without a copy or an object for each record. */
  @Override
  public void forEachAddress(LongConsumer visitor) {
    for (IndexShard shard : shards) {
      shard.forEachAddress(visitor);
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
      Invariants.check(find(hash) == address, "FileIndex: find does not return a visited record");
    });
    Invariants.check(
        found[0] == count.get(),
        "FileIndex: " + found[0] + " records in the tables, counted " + count.get());
  }

  @Override
  public void close() {
    for (IndexShard shard : shards) {
      shard.close();
    }
    initialTables.close();
  }
}
