package dev.carafe.tier;

import dev.carafe.base.Invariants;
import dev.carafe.device.NativeMemory;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.RecordIndex;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.StampedLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A hash table in native memory from the hash of a key to the address of its record. A slot takes
 * 20 bytes. A table that is about to grow takes 25 bytes a record.
 *
 * <p>A key is identified by its {@link KeyHash}; a read compares the key in the record. Probing
 * starts at the slot that the first word of the hash selects. Two keys with the same first word and
 * different checks have a slot each. A table consists of all slots, followed by a check for each
 * slot:
 *
 * <pre>
 *   0           8
 *   first word  address ({@link RecordAddress}; 0 for an empty slot)
 * </pre>
 *
 * <p>There are 64 shards, each a table with linear probing and a {@link StampedLock} that readers
 * take optimistically. A table doubles when four fifths of its slots are taken. Callers hold the
 * history lock for each change except {@link #countRead}.
 */
final class FileIndex implements RecordIndex, AutoCloseable {
  private static final int SHARDS = 64;
  private static final int SLOT_BYTES = 16;
  private static final int CHECK_BYTES = 4;
  private static final int FIRST_SLOTS = 64;
  private static final int PARALLEL_THRESHOLD = 16 * 1024;
  private static final int CHANGE_WORDS = 3;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  /** The first table of every shard, in one mapping, which is enough for a file with few keys. */
  private final NativeMemory firstTables =
      NativeMemory.map(SHARDS * tableBytes(FIRST_SLOTS), false);

  private final Shard[] shards = new Shard[SHARDS];
  private final AtomicLong count = new AtomicLong();

  FileIndex() {
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new Shard(firstTable(i));
    }
  }

  private static long tableBytes(int slots) {
    return (long) slots * (SLOT_BYTES + CHECK_BYTES);
  }

  private Table firstTable(int shard) {
    long bytes = tableBytes(FIRST_SLOTS);
    return new Table(null, firstTables.segment().asSlice(shard * bytes, bytes), FIRST_SLOTS - 1);
  }

  private static final class Shard {
    final StampedLock lock = new StampedLock();
    volatile Table table;
    int recordCount;

    Shard(Table first) {
      table = first;
    }
  }

  /** The slots and checks of a shard; memory is null for a slice of the first tables. */
  private record Table(@Nullable NativeMemory memory, MemorySegment slots, int mask) {
    static Table ofSlots(int count) {
      NativeMemory memory = NativeMemory.map(tableBytes(count), true);
      return new Table(memory, memory.segment(), count - 1);
    }

    void close() {
      if (memory != null) {
        memory.close();
      }
    }

    int home(long hash) {
      return (int) (hash >>> 6) & mask;
    }

    long hash(int slot) {
      return slots.get(LONG, (long) slot * SLOT_BYTES);
    }

    long address(int slot) {
      return slots.get(LONG, (long) slot * SLOT_BYTES + Long.BYTES);
    }

    int check(int slot) {
      return slots.get(INT, (mask + 1L) * SLOT_BYTES + (long) slot * CHECK_BYTES);
    }

    void set(int slot, long hash, int check, long address) {
      slots.set(LONG, (long) slot * SLOT_BYTES, hash);
      slots.set(LONG, (long) slot * SLOT_BYTES + Long.BYTES, address);
      slots.set(INT, (mask + 1L) * SLOT_BYTES + (long) slot * CHECK_BYTES, check);
    }

    /** Returns the slot that has a hash, or the empty slot where it would be inserted. */
    int find(long hash, int check) {
      int slot = home(hash);
      for (int probes = 0; probes <= mask; probes++) {
        if (address(slot) == RecordAddress.NONE || (hash(slot) == hash && check(slot) == check)) {
          return slot;
        }
        slot = (slot + 1) & mask;
      }
      return slot; // reached only by an optimistic read that races with a change
    }

    /** Returns the address of the hash's record, or NONE. */
    long addressOf(KeyHash hash) {
      return address(find(hash.first(), hash.check()));
    }
  }

  private static int shardIndex(long hash) {
    return (int) hash & (SHARDS - 1);
  }

  private Shard shardFor(long hash) {
    return shards[shardIndex(hash)];
  }

  @Override
  public long find(KeyHash hash) {
    Shard shard = shardFor(hash.first());
    long stamp = shard.lock.tryOptimisticRead();
    if (stamp != 0) {
      Table table = shard.table;
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
   */
  void ensureRoom(KeyHash hash) {
    Shard shard = shardFor(hash.first());
    if (isFull(shard)) {
      long stamp = shard.lock.writeLock();
      try {
        grow(shard, 2 * (shard.table.mask() + 1));
      } finally {
        shard.lock.unlockWrite(stamp);
      }
    }
  }

  private static boolean isFull(Shard shard) {
    return (shard.recordCount + 1) * 5L > (shard.table.mask() + 1) * 4L;
  }

  private static long put(Shard shard, long hash, int check, long address) {
    int slot = shard.table.find(hash, check);
    long before = shard.table.address(slot);
    if (before == RecordAddress.NONE) {
      if (isFull(shard)) {
        grow(shard, 2 * (shard.table.mask() + 1));
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
    long slots = Math.min(records / SHARDS * 5 / 4, 1 << 28);
    for (Shard shard : shards) {
      long stamp = shard.lock.writeLock();
      try {
        if (slots > shard.table.mask()) {
          grow(shard, 2 * Integer.highestOneBit((int) slots));
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
    int[] ends = new int[SHARDS + 1];
    for (int i = 0; i < changes.count(); i++) {
      ends[shardIndex(changes.first(i)) + 1]++;
    }
    for (int i = 0; i < SHARDS; i++) {
      ends[i + 1] += ends[i];
    }
    long[] sorted = new long[CHANGE_WORDS * changes.count()];
    for (int i = 0; i < changes.count(); i++) {
      int shard = shardIndex(changes.first(i));
      int at = CHANGE_WORDS * ends[shard]++; // the shard's start becomes its end
      sorted[at] = changes.first(i);
      sorted[at + 1] = changes.check(i);
      sorted[at + 2] = changes.word(i);
    }
    IntStream all = IntStream.range(0, SHARDS);
    (changes.count() < PARALLEL_THRESHOLD ? all : all.parallel())
        .forEach(i -> putAll(shards[i], sorted, i == 0 ? 0 : ends[i - 1], ends[i]));
  }

  private void putAll(Shard shard, long[] sorted, int from, int to) {
    long stamp = shard.lock.writeLock();
    try {
      int before = shard.recordCount;
      for (int at = CHANGE_WORDS * from; at < CHANGE_WORDS * to; at += CHANGE_WORDS) {
        long hash = sorted[at];
        int check = (int) sorted[at + 1];
        long address = sorted[at + 2];
        if (address == RecordAddress.NONE) {
          var _ = remove(shard, hash, check);
        } else {
          var _ = put(shard, hash, check, address);
        }
      }
      count.getAndAdd(shard.recordCount - before);
    } finally {
      shard.lock.unlockWrite(stamp);
    }
  }

  private static void grow(Shard shard, int slots) {
    Table old = shard.table;
    Table bigger = Table.ofSlots(slots);
    bigger.slots().fill((byte) 0); // so each page faults once: a read first would add a fault
    for (int slot = 0; slot <= old.mask(); slot++) {
      if (old.address(slot) != RecordAddress.NONE) {
        int free = bigger.find(old.hash(slot), old.check(slot));
        bigger.set(free, old.hash(slot), old.check(slot), old.address(slot));
      }
    }
    shard.table = bigger;
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

  private static long remove(Shard shard, long hash, int check) {
    Table table = shard.table;
    int slot = table.find(hash, check);
    long before = table.address(slot);
    if (before != RecordAddress.NONE) {
      shard.recordCount--;
      closeGap(table, slot);
    }
    return before;
  }

  /** Shifts back the slots that were probed past the removed one, so that searches find them. */
  private static void closeGap(Table table, int removed) {
    int gap = removed;
    int slot = removed;
    for (; ; ) {
      slot = (slot + 1) & table.mask();
      if (table.address(slot) == RecordAddress.NONE) {
        break;
      }
      int home = table.home(table.hash(slot));
      boolean reaches = ((slot - home) & table.mask()) >= ((slot - gap) & table.mask());
      if (reaches) {
        table.set(gap, table.hash(slot), table.check(slot), table.address(slot));
        gap = slot;
      }
    }
    table.set(gap, 0, 0, RecordAddress.NONE);
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
        Table old = shard.table;
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
      KeyHashes copy = copyOf(shard);
      for (int i = 0; i < copy.count(); i++) {
        visitor.visit(copy.hash(i), copy.word(i));
      }
    }
  }

  private static KeyHashes copyOf(Shard shard) {
    long stamp = shard.lock.readLock();
    try {
      Table table = shard.table;
      KeyHashes copy = new KeyHashes(Math.max(1, shard.recordCount));
      for (int slot = 0; slot <= table.mask(); slot++) {
        if (table.address(slot) != RecordAddress.NONE) {
          copy.add(table.hash(slot), table.check(slot), table.address(slot));
        }
      }
      return copy;
    } finally {
      shard.lock.unlockRead(stamp);
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
