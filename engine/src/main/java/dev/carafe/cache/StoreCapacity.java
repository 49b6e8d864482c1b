package dev.carafe.cache;

import dev.carafe.CarafeBuilder;
import dev.carafe.base.Bits;
import dev.carafe.base.Limits;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.SharedMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Changes the memory and the file of a store while its caches serve.
 *
 * <p>Thread-safe. Proved by {@code StoreMemoryTest}, {@code StoreFileResizeTest} and {@code
 * SimStoreTest}.
 */
final class StoreCapacity {
  private final SharedMemory memory;
  private final @Nullable FileTier file;
  private final MemoryBudget budget;

  /** One change at a time. */
  private final ReentrantLock lock = new ReentrantLock();

  StoreCapacity(Storage storage, MemoryBudget budget) {
    this.memory = storage.memory();
    this.file = storage.file();
    this.budget = budget;
  }

  /** Changes the capacities: {@link dev.carafe.CarafeStore#resize}. */
  void resize(long memoryBytes, long fileBytes) {
    requirePossible(memoryBytes, fileBytes);
    lock.lock();
    try {
      resizeMemory(Bits.roundDown(memoryBytes, Limits.PAGE_BYTES));
      if (file != null) {
        file.capacity().resize(fileBytes);
      }
    } finally {
      lock.unlock();
    }
  }

  private void requirePossible(long memoryBytes, long fileBytes) {
    long max = memory.maxCapacityBytes();
    if (memoryBytes < CarafeBuilder.MIN_MEMORY_BYTES || memoryBytes > max) {
      throw new IllegalArgumentException(
          "memoryBytes is "
              + memoryBytes
              + " but must be "
              + CarafeBuilder.MIN_MEMORY_BYTES
              + " to "
              + max
              + ", the addresses that the store reserved when it was opened; for more, close it and"
              + " open it again");
    }
    if (file != null) {
      file.capacity().require(fileBytes);
    }
  }

  /** The sum of the shares never exceeds what the memory can hold. */
  private void resizeMemory(long bytes) {
    long shares = Engine.maximumWeightBytes(bytes);
    if (bytes > memory.pool().capacityBytes()) {
      var _ = memory.resize(bytes, this::register);
      budget.resize(shares);
    } else {
      budget.resize(shares); // first, since it refuses less than the reserves
      var _ = memory.resize(bytes, this::register);
    }
  }

  private void register(List<MemorySegment> buffers) {
    if (file != null) {
      file.capacity().registerMemory(buffers);
    }
  }
}
