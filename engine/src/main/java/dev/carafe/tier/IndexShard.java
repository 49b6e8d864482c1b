package dev.carafe.tier;

import dev.carafe.log.RecordAddress;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongConsumer;

/**
 * A shard of {@link CacheIndex}: an {@link IndexTable} that grows, and the lock that guards it.
 *
 * <p>{@link #find} reads the table under an optimistic stamp. A read that races with a change is
 * repeated under the read lock. Changes need the write lock. All changes except {@link #replace}
 * happen under the history lock too, so a caller that holds the history lock reads the table and
 * the count without the shard's lock.
 *
 * <p>A table doubles when four fifths of its slots are taken, up to the maximum size. A table of
 * the maximum size is full when all but a 32nd of its slots are taken.
 */
final class IndexShard {
  private final StampedLock lock = new StampedLock();
  private final int maxSlots;
  private volatile IndexTable table;
  private int recordCount;

  /**
   * Creates an empty shard.
   *
   * @param initial an empty table
   * @param maxSlots the size up to which the table grows
   */
  IndexShard(IndexTable initial, int maxSlots) {
    this.table = initial;
    this.maxSlots = maxSlots;
  }

  /** Returns the address of a key's record, or NONE. */
  long find(KeyHash hash) {
    long stamp = lock.tryOptimisticRead();
    if (stamp != 0) {
      IndexTable seen = table;
      try {
        long address = seen.addressOf(hash);
        if (lock.validate(stamp)) {
          return address;
        }
      } catch (IllegalStateException e) {
        // a concurrent change replaced the table and unmapped it: read the new table
      }
    }
    stamp = lock.readLock();
    try {
      return table.addressOf(hash);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** Sets the address of a key's record. Returns the previous address, or NONE. */
  long put(KeyHash hash, long address) {
    long stamp = lock.writeLock();
    try {
      return put(hash.first(), hash.check(), address);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private long put(long hash, int check, long address) {
    int slot = table.find(hash, check);
    long before = table.address(slot);
    if (before == RecordAddress.NONE) {
      if (isFull()) {
        resize(2 * table.size());
        slot = table.find(hash, check);
      }
      recordCount++;
    }
    table.set(slot, hash, check, address);
    return before;
  }

  /** Whether the next new key makes the table grow. Under the history lock. */
  boolean isFull() {
    int slots = table.size();
    return recordCount >= (slots >= maxSlots ? slots * 31L / 32 : slots * 4L / 5);
  }

  /** Whether the table may not grow and is full. Under the history lock. */
  boolean isAtLimit() {
    return table.size() >= maxSlots && recordCount >= maxSlots * 31L / 32;
  }

  /** Doubles a full table, so that the next {@link #put} allocates nothing. */
  void ensureRoom() {
    if (isFull()) {
      long stamp = lock.writeLock();
      try {
        resize(2 * table.size());
      } finally {
        lock.unlockWrite(stamp);
      }
    }
  }

  /** Replaces an empty table by one of at least twice this many slots, if it is smaller. */
  void reserve(int slots) {
    long stamp = lock.writeLock();
    try {
      if (slots > table.mask() && recordCount == 0) {
        IndexTable initial = table;
        table = IndexTable.allocate(2 * Integer.highestOneBit(slots));
        initial.close();
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /**
   * Applies changes in order.
   *
   * @param load the buffers of the calling thread
   * @param changes the rows of a list of changes: first word, address (NONE to remove), check
   * @param from the index of the first row
   * @param to the index after the last row
   * @return by how much the number of records has changed
   */
  int putAll(IndexBulkLoad load, long[] changes, int from, int to) {
    long stamp = lock.writeLock();
    try {
      int before = recordCount;
      if (table.size() <= maxSlots && IndexBulkLoad.isWorthwhile(table, before, to - from)) {
        recordCount = load.apply(table, before, changes, from, to);
      } else {
        for (int at = KeyHashes.LONGS * from; at < KeyHashes.LONGS * to; at += KeyHashes.LONGS) {
          long address = changes[at + 1];
          int check = (int) changes[at + 2];
          var _ =
              address == RecordAddress.NONE
                  ? remove(changes[at], check)
                  : put(changes[at], check, address);
        }
      }
      return recordCount - before;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private void resize(int slots) {
    IndexTable old = table;
    IndexTable resized = IndexTable.allocate(slots);
    resized.slots().fill((byte) 0); // so each page faults once: a read first would add a fault
    for (int slot = 0; slot <= old.mask(); slot++) {
      if (old.address(slot) != RecordAddress.NONE) {
        int free = resized.find(old.hash(slot), old.check(slot));
        resized.set(free, old.hash(slot), old.check(slot), old.address(slot));
      }
    }
    table = resized;
    old.close();
  }

  /** Removes a key's record. Returns its address, or NONE. */
  long remove(KeyHash hash) {
    long stamp = lock.writeLock();
    try {
      return remove(hash.first(), hash.check());
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private long remove(long hash, int check) {
    int slot = table.find(hash, check);
    long before = table.address(slot);
    if (before != RecordAddress.NONE) {
      recordCount--;
      table.remove(slot);
      if (table.size() > maxSlots && recordCount < maxSlots * 31L / 32) {
        resize(maxSlots);
      }
    }
    return before;
  }

  /** Replaces an address, unless the key's record is at another address. */
  void replace(KeyHash hash, long address, long newAddress) {
    long stamp = lock.writeLock();
    try {
      int slot = table.find(hash.first(), hash.check());
      if (table.address(slot) == address) {
        table.set(slot, hash.first(), hash.check(), newAddress);
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /**
   * Removes all records and returns to the initial table. Returns the number removed.
   *
   * @param initial the initial table of this shard
   * @param discarded gets the present table, unless it is in the memory of the initial one
   */
  int clear(IndexTable initial, DiscardedTables discarded) {
    long stamp = lock.writeLock();
    try {
      if (table.memory() != null) {
        discarded.add(table); // first: if this throws (heap full), the shard is unchanged
      }
      initial.slots().fill((byte) 0);
      table = initial;
      int removed = recordCount;
      recordCount = 0;
      return removed;
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  /** Copies the hashes and the addresses of all records. */
  KeyHashes copyOfRecords(int cache) {
    long stamp = lock.readLock();
    try {
      return table.copyOfRecords(recordCount, cache);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** Visits the addresses of all records under the read lock. */
  void forEachAddress(LongConsumer visitor) {
    long stamp = lock.readLock();
    try {
      table.forEachAddress(visitor);
    } finally {
      lock.unlockRead(stamp);
    }
  }

  /** Returns the memory of the table in bytes. */
  long bytes() {
    return table.slots().byteSize();
  }

  void close() {
    table.close();
  }
}
