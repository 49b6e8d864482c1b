package dev.carafe.tier;

import dev.carafe.device.DeviceInfo;
import dev.carafe.log.LiveBytes;
import dev.carafe.log.format.CacheNumber;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The counters, the health and the memory of a file tier. Thread-safe. */
public final class FileMetrics {
  private final OpenLog open;
  private final FileIndex index;
  private final FileCounters counters;
  private final LogMaintenance maintenance;
  private final FileCapacity capacity;
  private final Compressor compressor;
  private volatile boolean closed;

  FileMetrics(
      OpenLog open,
      FileIndex index,
      FileCounters counters,
      LogMaintenance maintenance,
      FileCapacity capacity,
      Compressor compressor) {
    this.open = open;
    this.index = index;
    this.counters = counters;
    this.maintenance = maintenance;
    this.capacity = capacity;
    this.compressor = compressor;
  }

  /** {@return a consistent snapshot of the counters} */
  public FileStats stats() {
    open.log().history().lock();
    try {
      return counters.snapshot(open.log(), index.count());
    } finally {
      open.log().history().unlock();
    }
  }

  /**
   * Returns the number of live records of a cache.
   *
   * @param cache the number of the cache; ALL for all caches
   * @return 0 or more
   */
  public long recordCount(int cache) {
    return cache == CacheNumber.ALL ? index.count() : index.count(cache);
  }

  /** {@return the numbers of the caches that have live records} */
  public int[] caches() {
    return index.caches();
  }

  /**
   * Returns the live bytes of a cache in the file.
   *
   * @param cache the number of the cache; ALL for all caches
   * @return bytes, with the directory entries
   */
  public long liveBytes(int cache) {
    open.log().history().lock();
    try {
      LiveBytes live = open.log().table().live();
      return cache == CacheNumber.ALL ? live.total() : live.ofCache(cache);
    } finally {
      open.log().history().unlock();
    }
  }

  /** {@return the device in use, and the reason why a faster one is not available} */
  public DeviceInfo deviceInfo() {
    return open.log().file().device().info();
  }

  /** {@return why the file can't be written, or why it kept its old capacity; null if neither} */
  public @Nullable Degraded degraded() {
    return capacity.degraded();
  }

  /** {@return the native memory that the tier uses besides the chunks, in bytes by tag} */
  public Map<String, Long> memoryBytes() {
    return closed ? Map.of() : open.memoryBytes(index, compressor, maintenance.syncer());
  }

  /** Called when the tier closes, before its memory is freed. */
  void close() {
    closed = true;
  }
}
