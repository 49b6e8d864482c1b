package dev.carafe.tier;

import dev.carafe.base.Invariants;
import dev.carafe.device.NativeMemory;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.RecordIndex;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * A hash table in native memory from the hash of a key to the address of its record. A slot takes
 * 20 bytes. A table that is about to grow takes 25 bytes a record.
 *
 * <p>A key is identified by its {@link KeyHash}; a read compares the key in the record. Probing
 * starts at the slot that the first word of the hash selects. Two keys with the same first word and
 * different checks have a slot each.
 *
 * <p>There are 64 shards, each an {@link IndexTable} and a {@link StampedLock} that readers take
 * optimistically. A table doubles when four fifths of its slots are taken. Callers hold the history
 * lock for each change except {@link #countRead}.
 *
 * <p>The index can have a limit in bytes (contract B1). Tables at the limit do not grow: {@link
 * #ensureRoom} refuses a new key, and log maintenance reclaims extents while the index {@linkplain
 * #isNearlyFull is nearly full}. Recovery alone may exceed the limit, by a file that was written
 * under a higher one; the tables shrink when reclamation has removed its oldest records.
 */
final class FileIndex implements RecordIndex, AutoCloseable {
  private static final int SHARDS = 64;
  private static final int FIRST_SLOTS = 64;
  private static final int PARALLEL_THRESHOLD = 16 * 1024;
  private static final int MAX_SLOTS = 1 << 29;

  /** The first table of every shard, in one mapping, which is enough for a file with few keys. */
  private final NativeMemory firstTables =
      NativeMemory.map(SHARDS * IndexTable.bytes(FIRST_SLOTS), false);

  private final Shard[] shards = new Shard[SHARDS];
  private final AtomicLong count = new AtomicLong();
  private final int maxSlots;
  private final long maxRecords;

  /**
   * Creates an empty index.
   *
   * @param maxBytes the limit of its tables; {@link Long#MAX_VALUE} for none
   */
  FileIndex(long maxBytes) {
    long slots = Math.clamp(maxBytes / IndexTable.bytes(SHARDS), FIRST_SLOTS, MAX_SLOTS);
    this.maxSlots = Integer.highestOneBit((int) slots);
    this.maxRecords = maxSlots == MAX_SLOTS ? Long.MAX_VALUE : SHARDS * (maxSlots * 4L / 5);
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new Shard(firstTable(i));
    }
  }

  private IndexTable firstTable(int shard) {
    long bytes = IndexTable.bytes(FIRST_SLOTS);
    return new IndexTable(
        null, firstTables.segment().asSlice(shard * bytes, bytes), FIRST_SLOTS - 1);
  }

  private static final class Shard {
    final StampedLock lock = new StampedLock();
    volatile IndexTable table;
    int recordCount;

    Shard(IndexTable first) {
      table = first;
    }
  }

  private Shard shardFor(long hash) {
    return shards[(int) hash & (SHARDS - 1)];
  }

  @Override
  public long find(KeyHash hash) {
    Shard shard = shardFor(hash.first());
    long stamp = shard.lock.tryOptimisticRead();
    if (stamp != 0) {
      IndexTable table = shard.table;
      try {
        long address = table.addressOf(hash);
        if (shard.lock.validate(stamp)) {
          return address;
        }
      } catch (IllegalStateException e) {
        // a concurrent change replaced the table and unmapped it: read the new table
      }
    }
    stamp = shard.lock.readLock();
    try {
      return shard.table.addressOf(hash);
    } finally {
      shard.lock.unlockRead(stamp);
    }
  }

  @Override
  public long put(KeyHash hash, long address) {
    Shard shard = shardFor(hash.first());
    long stamp = shard.lock.writeLock();
    try {
      long before = put(shard, hash.first(), hash.check(), address);
      if (before == RecordAddress.NONE) {
        count.getAndIncrement();
      }
      return before;
    } finally {
      shard.lock.unlockWrite(stamp);
    }
  }

  /**
   * Makes room for one more key in its shard, so that the next {@link #put} of it allocates
   * nothing. Under the history lock.
   *
   * @return false if the limit allows no more records, and the index does not have the key
   */
  boolean ensureRoom(KeyHash hash) {
    Shard shard = shardFor(hash.first());
    if (isAtLimit(shard)) {
      return shard.table.addressOf(hash) != RecordAddress.NONE;
    }
    if (isFull(shard)) {
      long stamp = shard.lock.writeLock();
      try {
        resize(shard, 2 * shard.table.size());
      } finally {
        shard.lock.unlockWrite(stamp);
      }
    }
    return true;
  }

  private boolean isAtLimit(Shard shard) {
    return count.get() >= maxRecords
        || (shard.table.size() >= maxSlots && shard.recordCount >= maxSlots * 31L / 32);
  }

  /** A table at the limit is full when all but a 32nd of its slots are taken. */
  private boolean isFull(Shard shard) {
    int slots = shard.table.size();
    return shard.recordCount >= (slots >= maxSlots ? slots * 31L / 32 : slots * 4L / 5);
  }

  @Override
  public boolean isNearlyFull() {
    return count.get() > maxRecords - maxRecords / 16;
  }

  private long put(Shard shard, long hash, int check, long address) {
    int slot = shard.table.find(hash, check);
    long before = shard.table.address(slot);
    if (before == RecordAddress.NONE) {
      if (isFull(shard)) {
        resize(shard, 2 * shard.table.size());
        slot = shard.table.find(hash, check);
      }
      shard.recordCount++;
    }
    shard.table.set(slot, hash, check, address);
    return before;
  }

  /** Sizes each table once, to the size that repeated doubling would reach. */
  @Override
  public void reserve(long records) {
    long slots = Math.min(records / SHARDS * 5 / 4, maxSlots / 2);
    for (Shard shard : shards) {
      long stamp = shard.lock.writeLock();
      try {
        if (slots > shard.table.mask() && shard.recordCount == 0) {
          IndexTable first = shard.table;
          shard.table = IndexTable.ofSlots(2 * Integer.highestOneBit((int) slots));
          first.close();
        }
      } finally {
        shard.lock.unlockWrite(stamp);
      }
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
    IndexLoad load = new IndexLoad();
    for (int i = first; i < SHARDS; i += step) {
      putAll(shards[i], load, sorted, bounds[i], bounds[i + 1]);
    }
  }

  private void putAll(Shard shard, IndexLoad load, long[] sorted, int from, int to) {
    long stamp = shard.lock.writeLock();
    try {
      int before = shard.recordCount;
      if (shard.table.size() <= maxSlots && IndexLoad.suits(shard.table, before, to - from)) {
        shard.recordCount = load.apply(shard.table, before, sorted, from, to);
      } else {
        for (int at = KeyHashes.LONGS * from; at < KeyHashes.LONGS * to; at += KeyHashes.LONGS) {
          long address = sorted[at + 1];
          int check = (int) sorted[at + 2];
          var _ =
              address == RecordAddress.NONE
                  ? remove(shard, sorted[at], check)
                  : put(shard, sorted[at], check, address);
        }
      }
      count.getAndAdd(shard.recordCount - before);
    } finally {
      shard.lock.unlockWrite(stamp);
    }
  }

  private static void resize(Shard shard, int slots) {
    IndexTable old = shard.table;
    IndexTable resized = IndexTable.ofSlots(slots);
    resized.slots().fill((byte) 0); // so each page faults once: a read first would add a fault
    for (int slot = 0; slot <= old.mask(); slot++) {
      if (old.address(slot) != RecordAddress.NONE) {
        int free = resized.find(old.hash(slot), old.check(slot));
        resized.set(free, old.hash(slot), old.check(slot), old.address(slot));
      }
    }
    shard.table = resized;
    old.close();
  }

  @Override
  public long remove(KeyHash hash) {
    Shard shard = shardFor(hash.first());
    long stamp = shard.lock.writeLock();
    try {
      long before = remove(shard, hash.first(), hash.check());
      if (before != RecordAddress.NONE) {
        count.getAndDecrement();
      }
      return before;
    } finally {
      shard.lock.unlockWrite(stamp);
    }
  }

  private long remove(Shard shard, long hash, int check) {
    IndexTable table = shard.table;
    int slot = table.find(hash, check);
    long before = table.address(slot);
    if (before != RecordAddress.NONE) {
      shard.recordCount--;
      table.closeGap(slot);
      if (table.size() > maxSlots && shard.recordCount < maxSlots * 31L / 32) {
        resize(shard, maxSlots);
      }
    }
    return before;
  }

  /** Increments the read count of a key, if the key's record is still at this address. */
  void countRead(KeyHash hash, long address) {
    if (RecordAddress.withOneMoreRead(address) == address) {
      return;
    }
    Shard shard = shardFor(hash.first());
    long stamp = shard.lock.writeLock();
    try {
      int slot = shard.table.find(hash.first(), hash.check());
      if (shard.table.address(slot) == address) {
        shard.table.set(slot, hash.first(), hash.check(), RecordAddress.withOneMoreRead(address));
      }
    } finally {
      shard.lock.unlockWrite(stamp);
    }
  }

  @Override
  public void clear() {
    for (int i = 0; i < SHARDS; i++) {
      Shard shard = shards[i];
      long stamp = shard.lock.writeLock();
      try {
        IndexTable old = shard.table;
        shard.table = firstTable(i);
        shard.table.slots().fill((byte) 0);
        old.close();
        count.getAndAdd(-shard.recordCount);
        shard.recordCount = 0;
      } finally {
        shard.lock.unlockWrite(stamp);
      }
    }
  }

  @Override
  public void forEach(Visitor visitor) {
    for (Shard shard : shards) {
      KeyHashes copy;
      long stamp = shard.lock.readLock();
      try {
        copy = shard.table.copyOfRecords(shard.recordCount);
      } finally {
        shard.lock.unlockRead(stamp);
      }
      for (int i = 0; i < copy.count(); i++) {
        visitor.visit(copy.hash(i), copy.word(i));
      }
    }
  }

  /** Visits each shard under its lock, without a copy or an object for each record. */
  @Override
  public void forEachAddress(LongConsumer visitor) {
    for (Shard shard : shards) {
      long stamp = shard.lock.readLock();
      try {
        shard.table.forEachAddress(visitor);
      } finally {
        shard.lock.unlockRead(stamp);
      }
    }
  }

  long count() {
    return count.get();
  }

  /** Returns the memory of all tables in bytes. */
  long bytes() {
    long bytes = 0;
    for (Shard shard : shards) {
      bytes += shard.table.slots().byteSize();
    }
    return bytes;
  }

  void checkInvariants() {
    long[] found = {0};
    forEach((hash, address) -> {
      found[0]++;
      Invariants.check(find(hash) == address, "FileIndex: a hash is not found again");
    });
    Invariants.check(found[0] == count.get(), "FileIndex: the count is off");
  }

  @Override
  public void close() {
    for (Shard shard : shards) {
      shard.table.close();
    }
    firstTables.close();
  }
}
