package dev.carafe;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a cache that {@link CarafeManagement} shows to JMX. Each read of an attribute
 * is a snapshot of its own. Reading does no I/O.
 */
public interface CarafeMXBean {
  /**
   * The name that the cache was registered with.
   *
   * @return the name
   */
  String getName();

  /**
   * The number of entries in both tiers.
   *
   * @return {@link Carafe#estimatedSize}
   */
  long getEstimatedSize();

  /**
   * The counters of the memory tier.
   *
   * @return its part of {@link Carafe#tierStats}
   */
  TierStats.MemoryTier getMemoryTier();

  /**
   * The counters of the file tier.
   *
   * @return its part of {@link Carafe#tierStats}, all zero without a file
   */
  TierStats.FileTier getFileTier();

  /**
   * How often a stored value was found that its codec could not read.
   *
   * @return {@link TierStats#unreadable}
   */
  long getUnreadableValues();

  /**
   * The state of the memory tier.
   *
   * @return OK, DEGRADED or CLOSED
   */
  Health.State getMemoryState();

  /**
   * The state of the file tier.
   *
   * @return OK, DEGRADED or CLOSED; null without a file
   */
  Health.@Nullable State getFileState();

  /**
   * What failed, and the remedy.
   *
   * @return an empty string if no tier is degraded
   */
  String getFailure();

  /**
   * How the file is read and written.
   *
   * @return {@link Health#device}
   */
  String getDevice();

  /**
   * Which device or feature is unavailable, and why.
   *
   * @return {@link Health#deviceReason}
   */
  String getDeviceReason();

  /**
   * The native memory by purpose.
   *
   * @return {@link MemoryUsage#bytesByTag}
   */
  Map<String, Long> getMemoryBytesByTag();

  /**
   * The native memory of the cache.
   *
   * @return {@link MemoryUsage#totalBytes}
   */
  long getMemoryTotalBytes();

  /**
   * The bytes of the values in the memory tier.
   *
   * @return {@link MemoryUsage#valueBytes}
   */
  long getMemoryValueBytes();

  /**
   * The limit of the memory tier.
   *
   * @return {@link MemoryUsage#budgetBytes}
   */
  long getMemoryBudgetBytes();
}
