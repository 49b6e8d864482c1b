package dev.carafe.cache;

import dev.carafe.Lease;
import dev.carafe.base.FlightEvents;
import dev.carafe.device.NativeMemory;
import dev.carafe.region.ScopedView;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Creates leases, and releases those that were never closed (contract M2, M3).
 *
 * @param <K> keys
 */
final class Leases<K> {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int ATTEMPTS = 8;

  private final Tiers<K> tiers;
  private final Reads<K> reads;
  private final Gate gate;

  Leases(Tiers<K> tiers, Reads<K> reads, Gate gate) {
    this.tiers = tiers;
    this.reads = reads;
    this.gate = gate;
  }

  Gate gate() {
    return gate;
  }

  @Nullable Lease acquire(K key) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      gate.check();
      Entry entry = tiers.entries.find(key);
      if (entry != null && tiers.storage.memory.hold(entry)) {
        tiers.accesses.memoryHit(entry);
        return leaseEntry(key, entry);
      }
      reads.expectLease(key);
      if (reads.fetch(key, value -> value.byteSize()) == Reads.MISS) {
        return null;
      }
    }
    return leaseCopy(key); // the value is not in memory: the lease has a copy
  }

  private Lease leaseEntry(K key, Entry entry) {
    Lease lease = null;
    try {
      lease =
          new HeldLease(
              new EntryHold(tiers.storage.memory, entry),
              tiers.storage.memory.reads().openView(entry),
              key);
      return lease;
    } finally {
      if (lease == null) { // for example, the key's toString threw
        tiers.storage.memory.endHold(entry);
      }
    }
  }

  private @Nullable Lease leaseCopy(K key) {
    Object copied = reads.fetch(key, this::copy);
    if (!(copied instanceof Copy copy)) {
      return null;
    }
    Lease lease = null;
    try {
      ScopedView view = ScopedView.open(copy.memory().segment(), 0, copy.valueBytes());
      lease = new HeldLease(copy, view, key);
      return lease;
    } finally {
      if (lease == null) {
        copy.release();
      }
    }
  }

  /** Copies a value; null if the copies of open leases would exceed their limit. */
  private @Nullable Copy copy(MemorySegment value) {
    AtomicLong copied = tiers.storage.memory.leasedCopyBytes();
    int bytes = (int) value.byteSize();
    if (copied.addAndGet(bytes) > maxCopyBytes()) {
      copied.addAndGet(-bytes);
      return null;
    }
    NativeMemory memory = null;
    try {
      memory = NativeMemory.map(Math.max(1, bytes), false);
      memory.segment().copyFrom(value);
      return new Copy(memory, bytes, copied);
    } catch (Throwable t) {
      copied.addAndGet(-bytes);
      if (memory != null) {
        memory.close();
      }
      throw t;
    }
  }

  /**
   * The limit of copies of open leases: the capacity of the regions, but at least the longest
   * value.
   */
  private long maxCopyBytes() {
    FileTier file = tiers.storage.file;
    long oneValue = file == null ? 0 : file.capacity().maxValueBytes();
    return Math.max(tiers.storage.memory.pool().capacityBytes(), oneValue);
  }

  /** The memory under a lease, which is released once. */
  private interface Hold {
    void release();
  }

  private record EntryHold(MemoryTier memory, Entry entry) implements Hold {
    @Override
    public void release() {
      memory.endHold(entry);
    }
  }

  private record Copy(NativeMemory memory, int valueBytes, AtomicLong copied) implements Hold {
    @Override
    public void release() {
      memory.close();
      copied.addAndGet(-valueBytes);
    }
  }

  /**
   * Runs when the lease is closed, or when the lease and its segment are unreachable. Must not
   * refer to either of them.
   */
  private static final class LeaseCleanup implements Runnable {
    private final Hold hold;
    private final String description;
    private volatile boolean closed;

    LeaseCleanup(Hold hold, String description) {
      this.hold = hold;
      this.description = description;
    }

    @Override
    public void run() {
      if (!closed) {
        FlightEvents.leaseLeak(description);
        LOG.log(
            Level.WARNING,
            "a lease was never closed and is released after garbage collection: " + description);
      }
      hold.release();
    }
  }

  private static final class HeldLease implements Lease {
    private final ScopedView view;
    private final LeaseCleanup cleanup;
    private final Cleaner.Cleanable cleanable;

    HeldLease(Hold hold, ScopedView view, Object key) {
      this.view = view;
      this.cleanup = new LeaseCleanup(hold, "key " + key + ", taken by " + Thread.currentThread());
      // not registered for this object: its segment may outlive the last use of the lease (M1)
      this.cleanable = CLEANER.register(view.lifetime(), cleanup);
    }

    @Override
    public MemorySegment segment() {
      return view.segment();
    }

    @Override
    public void close() {
      view.close(); // throws on a wrong thread, before anything is released
      cleanup.closed = true;
      cleanable.clean();
    }
  }
}
