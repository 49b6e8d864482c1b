package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The hash table of an {@link IndexShard}, with linear probing. All slots of 16 bytes come first,
 * then a check of 4 bytes for each slot:
 *
 * <pre>
 *   0                       8
 *   first word of the hash  address ({@link RecordAddress}; 0 for an empty slot)
 * </pre>
 *
 * <p>Not thread-safe. A read that races with a change may return anything, or throw {@link
 * IllegalStateException} after {@link #close()}.
 *
 * @param memory the mapping to close; null if the table is a part of {@link CacheIndex}'s initial
 *     mapping
 * @param slots slots and checks
 * @param mask the number of slots, a power of two, less one
 */
record IndexTable(@Nullable NativeMemory memory, MemorySegment slots, int mask) {
  private static final int SLOT_BYTES = 16;
  private static final int CHECK_BYTES = 4;
  private static final int BLOCK_SLOTS = 1024;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  /** The memory of a table in bytes. */
  static long bytes(int slots) {
    return (long) slots * (SLOT_BYTES + CHECK_BYTES);
  }

  /** Maps an empty table; the count is a power of two. */
  static IndexTable allocate(int count) {
    NativeMemory memory = NativeMemory.map(bytes(count), true);
    return new IndexTable(memory, memory.segment(), count - 1);
  }

  void close() {
    if (memory != null) {
      memory.close();
    }
  }

  /** The number of slots. */
  int size() {
    return mask + 1;
  }

  int home(long hash) {
    return home(hash, mask);
  }

  /**
   * The slot at which the search for a hash begins. The low 6 bits of the hash select the shard.
   */
  static int home(long hash, int mask) {
    return (int) (hash >>> 6) & mask;
  }

  /** Copies the table to arrays: two words for each slot, and the checks. */
  void copyTo(long[] words, int[] checks) {
    MemorySegment.copy(slots, LONG, 0, words, 0, 2 * size());
    MemorySegment.copy(slots, INT, (long) size() * SLOT_BYTES, checks, 0, size());
  }

  /** Copies the arrays of {@link #copyTo} to the table. */
  void copyFrom(long[] words, int[] checks) {
    MemorySegment.copy(words, 0, slots, LONG, 0, 2 * size());
    MemorySegment.copy(checks, 0, slots, INT, (long) size() * SLOT_BYTES, size());
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

  /** Empties a slot, by backward-shift deletion (Knuth, volume 3, 6.4, algorithm R). */
  void remove(int removed) {
    int gap = removed;
    int slot = removed;
    for (; ; ) {
      slot = (slot + 1) & mask();
      if (address(slot) == RecordAddress.NONE) {
        break;
      }
      int home = home(hash(slot));
      boolean reaches = ((slot - home) & mask()) >= ((slot - gap) & mask());
      if (reaches) {
        set(gap, hash(slot), check(slot), address(slot));
        gap = slot;
      }
    }
    set(gap, 0, 0, RecordAddress.NONE);
  }

  /** Visits the addresses. Copies them in blocks, which is faster while this is interpreted. */
  void forEachAddress(LongConsumer visitor) {
    int block = Math.min(size(), BLOCK_SLOTS);
    long[] copy = new long[2 * block];
    for (int from = 0; from < size(); from += block) {
      MemorySegment.copy(slots, LONG, (long) from * SLOT_BYTES, copy, 0, copy.length);
      for (int at = 1; at < copy.length; at += 2) {
        if (copy[at] != RecordAddress.NONE) {
          visitor.accept(copy[at]);
        }
      }
    }
  }

  /** Copies the hashes and the addresses of all records. */
  KeyHashes copyOfRecords(int count, int cache) {
    KeyHashes copy = new KeyHashes(Math.max(1, count));
    for (int slot = 0; slot <= mask; slot++) {
      if (address(slot) != RecordAddress.NONE) {
        copy.add(new KeyHash(hash(slot), check(slot), cache), address(slot));
      }
    }
    return copy;
  }
}
