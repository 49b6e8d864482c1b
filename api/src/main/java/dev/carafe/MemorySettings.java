package dev.carafe;

import dev.carafe.spi.MemoryLimits;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a builder that concern memory.
 *
 * @param <B> the builder
 */
abstract sealed class MemorySettings<B> extends TimeSettings<B> permits CarafeBuilder {
  private @Nullable Long memoryBytes;
  private @Nullable Long memoryLimitBytes;
  private @Nullable Long indexBytes;

  /**
   * Sets the size of the memory tier: a hard bound of the native memory that holds values. The
   * address space is reserved when the cache is opened. Buffers and index of a file, and the heap
   * of Caffeine's entries, are beside it ({@link Carafe#memoryUsage}, {@link #indexMemory}).
   *
   * <p>Of a cache of a {@link CarafeStore}, this is the reserve: the part of the store's memory
   * that other caches can't take. It is optional there.
   *
   * @param bytes at least {@value CarafeBuilder#MIN_MEMORY_BYTES}
   * @return this builder
   * @throws IllegalArgumentException if bytes is less
   */
  public final B memory(long bytes) {
    long checked = Checks.requireAtLeast("memory", bytes, CarafeBuilder.MIN_MEMORY_BYTES);
    this.memoryBytes = Checks.once("memory", memoryBytes, checked);
    return self();
  }

  /**
   * Sets the ceiling of a cache of a {@link CarafeStore}: the part of the store's memory that the
   * cache may take, even if other caches leave memory unused.
   *
   * @param bytes at least {@value CarafeBuilder#MIN_MEMORY_BYTES}, and at least the reserve; no
   *     ceiling by default
   * @return this builder
   * @throws IllegalArgumentException if bytes is less
   * @throws IllegalStateException if this is not a cache of a store
   */
  public final B memoryLimit(long bytes) {
    if (!isOfStore()) {
      throw new IllegalStateException(
          "memoryLimit can't be set to "
              + bytes
              + ": the cache belongs to no store, and memory(bytes) is its limit");
    }
    long checked = Checks.requireAtLeast("memoryLimit", bytes, CarafeBuilder.MIN_MEMORY_BYTES);
    this.memoryLimitBytes = Checks.once("memoryLimit", memoryLimitBytes, checked);
    return self();
  }

  /**
   * Limits the memory of the index: the heap of the entries in memory (160 bytes are charged for
   * each, whatever its key), and the file's table off the heap (25 to 50 bytes a record). With a
   * file, each gets half of it. At the limit, memory evicts entries although the arena has room,
   * and the file reclaims its oldest extent although it has clean ones.
   *
   * <p>Without this limit, the capacities bound the index: the arena has at most one entry for each
   * 64 bytes, and the file one record for each 32 bytes.
   *
   * @param bytes at least {@value CarafeBuilder#MIN_INDEX_BYTES}; no limit of its own by default
   * @return this builder
   * @throws IllegalArgumentException if bytes is less
   */
  public final B indexMemory(long bytes) {
    requireOwn("indexMemory");
    long checked = Checks.requireAtLeast("indexMemory", bytes, CarafeBuilder.MIN_INDEX_BYTES);
    this.indexBytes = Checks.once("indexMemory", indexBytes, checked);
    return self();
  }

  final MemoryLimits memoryLimits() {
    if (!isOfStore()) {
      return new MemoryLimits(
          Checks.needed(memoryBytes, "memory(bytes)"),
          indexBytes == null ? MemoryLimits.NO_LIMIT : indexBytes,
          MemoryLimits.NO_LIMIT);
    }
    long reserve = memoryBytes == null ? 0 : memoryBytes;
    if (memoryLimitBytes != null && memoryLimitBytes < reserve) {
      throw new IllegalStateException(
          "memoryLimit is "
              + memoryLimitBytes
              + " bytes but must be at least the reserve, memory, of "
              + reserve);
    }
    return new MemoryLimits(
        reserve,
        MemoryLimits.NO_LIMIT,
        memoryLimitBytes == null ? MemoryLimits.NO_LIMIT : memoryLimitBytes);
  }
}
