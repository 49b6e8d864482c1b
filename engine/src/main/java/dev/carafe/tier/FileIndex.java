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
 * Where each key's record lies: 20 bytes a slot, off the heap, at most 25 bytes a record when full.
 *
 * <p>A key is known by its {@link KeyHash}; the key itself is compared in the record. The first
 * word of the hash tells where to look, and keys that agree in it have a slot each. A table is its
 * slots, and then a check for each slot:
 *
 * <pre>
 *   0           8
 *   first word  address ({@link RecordAddress}; 0 for an empty slot)
 * </pre>
 *
 * <p>The hashes are divided among 64 tables with linear probing, each under a {@link StampedLock}
 * that readers take optimistically. A table doubles at four fifths. Changes come under the history
 * lock; {@link #countRead} does not.
 */
final class FileIndex implements RecordIndex, AutoCloseable {
  private static final int PARTS = 64;
  private static final int SLOT_BYTES = 16;
  private static final int CHECK_BYTES = 4;
  private static final int FIRST_SLOTS = 64;
  private static final int MANY = 16 * 1024;
  private static final int CHANGE_WORDS = 3;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  /** All parts' first tables: one mapping, for a file that is opened for a few keys. */
  private final NativeMemory firstTables = NativeMemory.map(PARTS * tableBytes(FIRST_SLOTS), false);

  private final Part[] parts = new Part[PARTS];
  private final AtomicLong count = new AtomicLong();

  FileIndex() {
    for (int i = 0; i < PARTS; i++) {
      parts[i] = new Part(firstTable(i));
    }
  }

  private static long tableBytes(int slots) {
    return (long) slots * (SLOT_BYTES + CHECK_BYTES);
  }

  private Table firstTable(int part) {
    long bytes = tableBytes(FIRST_SLOTS);
    return new Table(null, firstTables.segment().asSlice(part * bytes, bytes), FIRST_SLOTS - 1);
  }

  private static final class Part {
    final StampedLock lock = new StampedLock();
    volatile Table table;
    int used;

    Part(Table first) {
      table = first;
    }
  }

  /** Slots, in memory of their own once they have grown. */
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

    /** The slot that holds a hash, or the empty one where it would go. */
    int find(long hash, int check) {
      int slot = home(hash);
      for (int looked = 0; looked <= mask; looked++) {
        if (address(slot) == RecordAddress.NONE || (hash(slot) == hash && check(slot) == check)) {
          return slot;
        }
        slot = (slot + 1) & mask;
      }
      return slot; // only of a torn optimistic read
    }

    /** Where the hash's record lies, or NONE. */
    long addressOf(KeyHash hash) {
      return address(find(hash.first(), hash.check()));
    }
  }

  private static int partOf(long hash) {
    return (int) hash & (PARTS - 1);
  }

  private Part part(long hash) {
    return parts[partOf(hash)];
  }

  @Override
  public long find(KeyHash hash) {
    Part part = part(hash.first());
    long stamp = part.lock.tryOptimisticRead();
    if (stamp != 0) {
      Table table = part.table;
      try {
        long address = table.addressOf(hash);
        if (part.lock.validate(stamp)) {
          return address;
        }
      } catch (IllegalStateException e) {
        // the table was grown and given back while it was read: read the new one
      }
    }
    stamp = part.lock.readLock();
    try {
      return part.table.addressOf(hash);
    } finally {
      part.lock.unlockRead(stamp);
    }
  }

  @Override
  public long put(KeyHash hash, long address) {
    Part part = part(hash.first());
    long stamp = part.lock.writeLock();
    try {
      long before = put(part, hash.first(), hash.check(), address);
      if (before == RecordAddress.NONE) {
        count.getAndIncrement();
      }
      return before;
    } finally {
      part.lock.unlockWrite(stamp);
    }
  }

  /**
   * Makes room for one more key in the part where it goes, so that the next {@link #put} of it
   * needs no memory. Under the history lock.
   */
  void ensureRoom(KeyHash hash) {
    Part part = part(hash.first());
    if (isFull(part)) {
      long stamp = part.lock.writeLock();
      try {
        grow(part, 2 * (part.table.mask() + 1));
      } finally {
        part.lock.unlockWrite(stamp);
      }
    }
  }

  private static boolean isFull(Part part) {
    return (part.used + 1) * 5L > (part.table.mask() + 1) * 4L;
  }

  private static long put(Part part, long hash, int check, long address) {
    int slot = part.table.find(hash, check);
    long before = part.table.address(slot);
    if (before == RecordAddress.NONE) {
      if (isFull(part)) {
        grow(part, 2 * (part.table.mask() + 1));
        slot = part.table.find(hash, check);
      }
      part.used++;
    }
    part.table.set(slot, hash, check, address);
    return before;
  }

  /** Sized once, to what doubling would have led to, instead of doubled ten times. */
  @Override
  public void expect(long records) {
    long slots = Math.min(records / PARTS * 5 / 4, 1 << 28);
    for (Part part : parts) {
      long stamp = part.lock.writeLock();
      try {
        if (slots > part.table.mask()) {
          grow(part, 2 * Integer.highestOneBit((int) slots));
        }
      } finally {
        part.lock.unlockWrite(stamp);
      }
    }
  }

  /**
   * Part by part, so that one table at a time is in a processor's cache; many by all processors at
   * once, since whoever opens a file waits for this.
   */
  @Override
  public void putAll(KeyHashes changes) {
    int[] ends = new int[PARTS + 1];
    for (int i = 0; i < changes.count(); i++) {
      ends[partOf(changes.first(i)) + 1]++;
    }
    for (int i = 0; i < PARTS; i++) {
      ends[i + 1] += ends[i];
    }
    long[] sorted = new long[CHANGE_WORDS * changes.count()];
    for (int i = 0; i < changes.count(); i++) {
      int part = partOf(changes.first(i));
      int at = CHANGE_WORDS * ends[part]++; // what was the start is the end then
      sorted[at] = changes.first(i);
      sorted[at + 1] = changes.check(i);
      sorted[at + 2] = changes.word(i);
    }
    IntStream all = IntStream.range(0, PARTS);
    (changes.count() < MANY ? all : all.parallel())
        .forEach(i -> putAll(parts[i], sorted, i == 0 ? 0 : ends[i - 1], ends[i]));
  }

  private void putAll(Part part, long[] sorted, int from, int to) {
    long stamp = part.lock.writeLock();
    try {
      int before = part.used;
      for (int at = CHANGE_WORDS * from; at < CHANGE_WORDS * to; at += CHANGE_WORDS) {
        long hash = sorted[at];
        int check = (int) sorted[at + 1];
        long address = sorted[at + 2];
        if (address == RecordAddress.NONE) {
          var _ = remove(part, hash, check);
        } else {
          var _ = put(part, hash, check, address);
        }
      }
      count.getAndAdd(part.used - before);
    } finally {
      part.lock.unlockWrite(stamp);
    }
  }

  private static void grow(Part part, int slots) {
    Table old = part.table;
    Table bigger = Table.ofSlots(slots);
    bigger.slots().fill((byte) 0); // all pages are about to be used: each faults once, not twice
    for (int slot = 0; slot <= old.mask(); slot++) {
      if (old.address(slot) != RecordAddress.NONE) {
        int free = bigger.find(old.hash(slot), old.check(slot));
        bigger.set(free, old.hash(slot), old.check(slot), old.address(slot));
      }
    }
    part.table = bigger;
    old.close();
  }

  @Override
  public long remove(KeyHash hash) {
    Part part = part(hash.first());
    long stamp = part.lock.writeLock();
    try {
      long before = remove(part, hash.first(), hash.check());
      if (before != RecordAddress.NONE) {
        count.getAndDecrement();
      }
      return before;
    } finally {
      part.lock.unlockWrite(stamp);
    }
  }

  private static long remove(Part part, long hash, int check) {
    Table table = part.table;
    int slot = table.find(hash, check);
    long before = table.address(slot);
    if (before != RecordAddress.NONE) {
      part.used--;
      closeGap(table, slot);
    }
    return before;
  }

  /** Moves what probed past the removed slot back, so that no search ends too early. */
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

  /** A record was read from the file once more, if it still lies there. */
  void countRead(KeyHash hash, long address) {
    if (RecordAddress.readOnceMore(address) == address) {
      return;
    }
    Part part = part(hash.first());
    long stamp = part.lock.writeLock();
    try {
      int slot = part.table.find(hash.first(), hash.check());
      if (part.table.address(slot) == address) {
        part.table.set(slot, hash.first(), hash.check(), RecordAddress.readOnceMore(address));
      }
    } finally {
      part.lock.unlockWrite(stamp);
    }
  }

  @Override
  public void clear() {
    for (int i = 0; i < PARTS; i++) {
      Part part = parts[i];
      long stamp = part.lock.writeLock();
      try {
        Table old = part.table;
        part.table = firstTable(i);
        part.table.slots().fill((byte) 0);
        old.close();
        count.getAndAdd(-part.used);
        part.used = 0;
      } finally {
        part.lock.unlockWrite(stamp);
      }
    }
  }

  @Override
  public void forEach(Visitor visitor) {
    for (Part part : parts) {
      KeyHashes copy = copyOf(part);
      for (int i = 0; i < copy.count(); i++) {
        visitor.visit(copy.hash(i), copy.word(i));
      }
    }
  }

  private static KeyHashes copyOf(Part part) {
    long stamp = part.lock.readLock();
    try {
      Table table = part.table;
      KeyHashes copy = new KeyHashes(Math.max(1, part.used));
      for (int slot = 0; slot <= table.mask(); slot++) {
        if (table.address(slot) != RecordAddress.NONE) {
          copy.add(table.hash(slot), table.check(slot), table.address(slot));
        }
      }
      return copy;
    } finally {
      part.lock.unlockRead(stamp);
    }
  }

  long count() {
    return count.get();
  }

  /** All tables' memory. */
  long bytes() {
    long bytes = 0;
    for (Part part : parts) {
      bytes += part.table.slots().byteSize();
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
    for (Part part : parts) {
      part.table.close();
    }
    firstTables.close();
  }
}
