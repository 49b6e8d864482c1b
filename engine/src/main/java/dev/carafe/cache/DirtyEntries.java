package dev.carafe.cache;

import dev.carafe.FileOptions.Persist;
import dev.carafe.base.ErrorLog;
import dev.carafe.tier.DirtySource.PassResult;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.StoreResult;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Entries whose values must be written to the file within {@code persistWithin} (contract D6).
 *
 * <p>There is one FIFO queue for each key lock, guarded by that lock, which the writers hold
 * anyway. Entries that are released or clean are dropped when they reach the head. A full queue
 * drops all of them before it grows, so its capacity is at most twice its number of dirty entries
 * (B3).
 *
 * <p>Proved by {@code PersistWithinTest}.
 *
 * @param <K> keys
 */
final class DirtyEntries<K> {
  private final SpillWriter<K> writer;
  private final @Nullable FileTier file;
  private final KeyLocks locks;
  private final Set<Persist> persist;
  private final ErrorLog errors;
  private final EntryQueue[] queues;
  private final BitSet unfinished; // used by the saving thread only

  DirtyEntries(CacheStorage storage, CacheState<K> cache, SpillWriter<K> writer) {
    this.writer = writer;
    this.file = storage.file;
    this.locks = storage.locks;
    this.persist = cache.persist();
    this.errors = cache.errors();
    this.queues = new EntryQueue[file == null ? 0 : locks.count()];
    this.unfinished = new BitSet(queues.length);
    Arrays.setAll(queues, i -> new EntryQueue(storage.memory));
  }

  /**
   * Adds an entry that is the key's value, unless the persist policy excludes it. The caller holds
   * the key's lock.
   */
  void add(K key, Entry entry, Persist as) {
    if (persist.contains(as)) {
      add(key, entry);
    }
  }

  private void add(K key, Entry entry) {
    if (file != null && !entry.isRecordCurrent() && !entry.isQueued()) {
      queues[locks.index(key)].add(entry);
      file.scheduleWriteback();
    }
  }

  /** Begins a pass over all queues. */
  void beginPass() {
    unfinished.set(0, queues.length);
  }

  /** As {@link dev.carafe.tier.DirtySource#writeBack}, for this cache. */
  PassResult save() {
    PassResult rest = PassResult.COMPLETE;
    for (int i = unfinished.nextSetBit(0); i >= 0; i = unfinished.nextSetBit(i + 1)) {
      PassResult one = saveQueue(i);
      if (one == PassResult.NO_ROOM) {
        return one;
      }
      unfinished.set(i, one == PassResult.LOCKED_LEFT);
      rest = one.compareTo(rest) > 0 ? one : rest;
    }
    return rest;
  }

  /**
   * Saves the due entries of one queue. The lock is released after each entry, so that no writer
   * waits for more than one append.
   */
  private PassResult saveQueue(int index) {
    ReentrantLock lock = locks.at(index);
    EntryQueue queue = queues[index];
    for (; ; ) {
      if (!lock.tryLock()) {
        return PassResult.LOCKED_LEFT; // the holder may wait for the current thread
      }
      try {
        Entry next = queue.peekDue();
        if (next == null) {
          return queue.endPass() ? PassResult.NEWER_LEFT : PassResult.COMPLETE;
        }
        if (!saveFirst(queue, next)) {
          return PassResult.NO_ROOM;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Saves the first entry of a queue. If the ticker or the key throws, other keys are saved
   * nevertheless (contract F5), and this key is written at its eviction. After a
   * VirtualMachineError the next pass tries the key again.
   *
   * @return false if the file has no room at the moment
   */
  private boolean saveFirst(EntryQueue queue, Entry first) {
    try {
      StoreResult stored = writer.save(first);
      if (stored == StoreResult.OVERLOADED || stored == StoreResult.UNAVAILABLE) {
        return false;
      }
      queue.remove(first);
    } catch (Throwable t) {
      errors.report("a value could not be written to the file within persistWithin", t);
      if (t instanceof VirtualMachineError) {
        queue.defer(first);
      } else {
        queue.remove(first);
      }
    }
    return true;
  }

  /**
   * A FIFO queue, whose entries before {@code due} are due in this pass. Guarded by its key lock.
   */
  private static final class EntryQueue {
    private static final Entry[] NONE = {};
    private static final int INITIAL_CAPACITY = 8;
    private static final int MAX_IDLE_CAPACITY = 64;

    private final MemoryTier memory;
    private Entry[] entries = NONE;
    private int head;
    private int due;
    private int tail;

    EntryQueue(MemoryTier memory) {
      this.memory = memory;
    }

    void add(Entry entry) {
      if (tail == entries.length) {
        ensureCapacity();
      }
      entries[tail++] = entry;
      entry.setQueued(true);
    }

    private void ensureCapacity() {
      compact();
      if (tail > entries.length / 2 || entries.length == 0) {
        entries = Arrays.copyOf(entries, Math.max(INITIAL_CAPACITY, 2 * entries.length));
      }
    }

    /** Drops the entries that are not dirty. */
    private void compact() {
      int to = 0;
      int dueTo = 0;
      for (int i = head; i < tail; i++) {
        dueTo = i == due ? to : dueTo;
        if (isDirty(entries[i])) {
          entries[to++] = entries[i];
        } else {
          entries[i].setQueued(false);
        }
      }
      due = due >= tail ? to : dueTo;
      clear(to, tail);
      head = 0;
      tail = to;
    }

    private boolean isDirty(Entry entry) {
      return memory.generation().isLive(entry) && !entry.isRecordCurrent() && !entry.isTooLarge();
    }

    /** Returns the first entry that is due and dirty; null if there is none. */
    @Nullable Entry peekDue() {
      while (head < due && !isDirty(entries[head])) {
        removeFirst();
      }
      return head < due ? entries[head] : null;
    }

    private void removeFirst() {
      entries[head].setQueued(false);
      clear(head, head + 1);
      head++;
    }

    /** Removes the first entry, unless a put by the application's code has removed it meanwhile. */
    void remove(Entry first) {
      if (head < tail && entries[head] == first) {
        removeFirst();
      }
    }

    /** Moves the first entry to the tail, for the next pass. Allocates nothing. */
    void defer(Entry first) {
      if (head < tail && entries[head] == first) {
        removeFirst();
        if (tail == entries.length) {
          compact();
        }
        first.setQueued(true);
        entries[tail++] = first;
      }
    }

    @SuppressWarnings("NullAway") // elements outside of [head, tail) are null
    private void clear(int from, int to) {
      Arrays.fill(entries, from, to, null);
    }

    /** Makes all current entries due in the next pass; returns whether there are any. */
    boolean endPass() {
      if (head == tail) {
        head = 0;
        tail = 0;
        entries = entries.length > MAX_IDLE_CAPACITY ? NONE : entries;
      }
      due = tail;
      return head < tail;
    }
  }
}
