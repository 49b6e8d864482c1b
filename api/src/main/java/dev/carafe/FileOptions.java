package dev.carafe;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Options of the file tier: {@link #at(Path, long)} has the defaults, and each {@code withX} method
 * returns a changed copy. Immutable.
 *
 * @param path the file; its directory must exist
 * @param capacityBytes the file's capacity, which it never exceeds; at least {@value
 *     #MIN_CAPACITY_BYTES}. A file that was made with another capacity adopts this one when it is
 *     opened: it grows and keeps its content, or shrinks and discards the oldest records. Its
 *     largest value stays the same. If the disk is full or fails meanwhile, the file keeps its
 *     capacity, {@code health()} reports the reason, and a warning is logged. A capacity of fewer
 *     than 5 of the file's extents, or of more than 262,144, is refused with an {@link
 *     IllegalArgumentException} when the cache is built
 * @param persist the values that are written to the file while the cache runs; {@code flush} and
 *     {@code close} write all values
 * @param recovery what happens to the file's content when the file is opened
 * @param io how the file is read and written
 * @param compression whether records are compressed
 * @param overload what an eviction does when the device can't keep up
 * @param retention whether a full file discards records, or refuses values
 * @param scrubPeriod the time in which the whole file is read once in the background, one extent at
 *     a time. Records that do not verify are dropped, counted ({@link TierStats.FileTier#damaged})
 *     and logged. Zero to read nothing in the background
 */
public record FileOptions(
    Path path,
    long capacityBytes,
    Set<Persist> persist,
    Recovery recovery,
    Io io,
    Compression compression,
    Overload overload,
    Retention retention,
    Duration scrubPeriod) {

  /** The smallest capacity: a header and a few of the smallest extents. */
  public static final long MIN_CAPACITY_BYTES = 512 * 1024;

  /** Values that are written to the file while the cache runs. */
  public enum Persist {
    /** A value that a loader returned, when it is loaded. */
    MISSES,
    /** A value that is put, when memory evicts it or after {@code persistWithin}. */
    EVICTIONS,
    /**
     * A value that memory evicts, unless the file is full and the value is not worth a write: each
     * value of a full file displaces another one. Which values are worth it is learned from the
     * accesses. The others are dropped, and counted ({@link TierStats.FileTier#refusedAdmission}).
     * {@code persistWithin} does not apply to values that are put. Has no effect beside {@link
     * #EVICTIONS}, which writes all.
     */
    ADMITTED_EVICTIONS
  }

  /** What happens to the file's content when the file is opened. */
  public enum Recovery {
    /** Discard it, whatever it is: also a foreign file, or one that was written by other codecs. */
    EMPTY,
    /** Keep each record that verifies; skip, count and log the others. */
    SKIP_DAMAGED,
    /** Refuse a file in which any byte that recovery reads does not verify. */
    STRICT
  }

  /**
   * How the file is read and written. Opening fails if anything but {@link #AUTO} is unavailable.
   */
  public enum Io {
    /** The first that is available: fixed buffers, io_uring without them, a file channel. */
    AUTO,
    /** io_uring with memory that is registered with the kernel (fixed buffers). */
    FIXED_BUFFERS,
    /** io_uring without registered memory. */
    URING,
    /** {@link java.nio.channels.FileChannel}. */
    CHANNEL
  }

  /** How records are compressed. */
  public enum Compression {
    /** No compression. */
    NONE,
    /** LZ4, for each record of which it saves at least an eighth. */
    LZ4
  }

  /** What an eviction does when the device can't keep up. */
  public enum Overload {
    /** Waits up to 30 seconds for each value, then drops the value and counts it. */
    WAIT,
    /**
     * Drops the value at once and counts it. Removals are never dropped: they wait up to 30
     * seconds.
     */
    DROP
  }

  /** What a file does that is full of live records. */
  public enum Retention {
    /** Discards records, the oldest first, that were not read since they were written. */
    EVICT,
    /**
     * Keeps each value until it is removed, overwritten or expires (contract D8): for data that can
     * not be loaded again. A put writes to the file before it returns. It throws {@link
     * FileFullException} and leaves the cache unchanged if the file has no room for the value,
     * which must not be longer than an eighth of an extent, and {@link DeviceException} if the file
     * can't be written or has no free extent for 30 seconds. A loaded value is returned, but not
     * kept, in these cases. {@link Overload} has no effect on puts. The live records can take 70 %
     * of the file, less three extents. A shrink that would discard records is refused.
     *
     * <p>It needs {@link Persist#MISSES} and {@link Persist#EVICTIONS}, and admits neither {@code
     * indexMemory} nor {@code writeBudget}. An expiry that a read or {@link
     * com.github.benmanes.caffeine.cache.Policy} has changed is written later, as without it.
     */
    KEEP_ALL
  }

  /** Checks every component. */
  public FileOptions {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(persist, "persist");
    Objects.requireNonNull(recovery, "recovery");
    Objects.requireNonNull(io, "io");
    Objects.requireNonNull(compression, "compression");
    Objects.requireNonNull(overload, "overload");
    Objects.requireNonNull(retention, "retention");
    Objects.requireNonNull(scrubPeriod, "scrubPeriod");
    if (capacityBytes < MIN_CAPACITY_BYTES) {
      throw new IllegalArgumentException(
          "capacityBytes is "
              + capacityBytes
              + " but a file needs at least "
              + MIN_CAPACITY_BYTES
              + " bytes to hold its extents");
    }
    if (scrubPeriod.isNegative()) {
      throw new IllegalArgumentException(
          "scrubPeriod is "
              + scrubPeriod
              + " but must be the time in which the whole file is read, or zero for never");
    }
    if (retention == Retention.KEEP_ALL
        && !persist.containsAll(Set.of(Persist.MISSES, Persist.EVICTIONS))) {
      throw new IllegalArgumentException(
          "retention is KEEP_ALL but persist is "
              + persist
              + ": values that are not written can't be kept; it must have MISSES and EVICTIONS");
    }
    persist = persist.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(persist));
  }

  /**
   * Options of a file that discards records when it is full ({@link Retention#EVICT}), and is not
   * scrubbed.
   *
   * @param path the file; its directory must exist
   * @param capacityBytes the file's capacity in bytes
   * @param persist which values are written while the cache runs
   * @param recovery what happens to the file's content when it is opened
   * @param io how the file is read and written
   * @param compression whether records are compressed
   * @param overload what an eviction does when the device can't keep up
   * @throws IllegalArgumentException if the capacity is below {@link #MIN_CAPACITY_BYTES}
   */
  public FileOptions(
      Path path,
      long capacityBytes,
      Set<Persist> persist,
      Recovery recovery,
      Io io,
      Compression compression,
      Overload overload) {
    this(
        path,
        capacityBytes,
        persist,
        recovery,
        io,
        compression,
        overload,
        Retention.EVICT,
        Duration.ZERO);
  }

  /**
   * The defaults: {@link Persist#MISSES} and {@link Persist#EVICTIONS}, {@link
   * Recovery#SKIP_DAMAGED}, {@link Io#AUTO}, {@link Compression#LZ4}, {@link Overload#WAIT}, {@link
   * Retention#EVICT}, no scrubbing.
   *
   * @param path the file; its directory must exist
   * @param capacityBytes the file's capacity in bytes
   * @return options
   * @throws IllegalArgumentException if capacityBytes is less than {@value #MIN_CAPACITY_BYTES}
   */
  public static FileOptions at(Path path, long capacityBytes) {
    return new FileOptions(
        path,
        capacityBytes,
        EnumSet.of(Persist.MISSES, Persist.EVICTIONS),
        Recovery.SKIP_DAMAGED,
        Io.AUTO,
        Compression.LZ4,
        Overload.WAIT);
  }

  /**
   * The same with another path.
   *
   * @param path the file
   * @return changed options
   */
  public FileOptions withPath(Path path) {
    return new FileOptions(
        path, capacityBytes, persist, recovery, io, compression, overload, retention, scrubPeriod);
  }

  /**
   * The same with another capacity.
   *
   * @param capacityBytes the file's capacity in bytes
   * @return changed options
   */
  public FileOptions withCapacityBytes(long capacityBytes) {
    return new FileOptions(
        path, capacityBytes, persist, recovery, io, compression, overload, retention, scrubPeriod);
  }

  /**
   * The same with another choice of the values that are written while the cache runs.
   *
   * @param persist the values; if empty, only removals are written before {@code flush} and {@code
   *     close}
   * @return changed options
   */
  public FileOptions withPersist(Set<Persist> persist) {
    return new FileOptions(
        path, capacityBytes, persist, recovery, io, compression, overload, retention, scrubPeriod);
  }

  /**
   * The same with another recovery.
   *
   * @param recovery what happens to the file's content when the file is opened
   * @return changed options
   */
  public FileOptions withRecovery(Recovery recovery) {
    return new FileOptions(
        path, capacityBytes, persist, recovery, io, compression, overload, retention, scrubPeriod);
  }

  /**
   * The same with another way of reading and writing.
   *
   * @param io {@link Io#AUTO}, or the one that must be available
   * @return changed options
   */
  public FileOptions withIo(Io io) {
    return new FileOptions(
        path, capacityBytes, persist, recovery, io, compression, overload, retention, scrubPeriod);
  }

  /**
   * The same with another compression.
   *
   * @param compression how records are compressed
   * @return changed options
   */
  public FileOptions withCompression(Compression compression) {
    return new FileOptions(
        path, capacityBytes, persist, recovery, io, compression, overload, retention, scrubPeriod);
  }

  /**
   * The same with another behaviour on overload.
   *
   * @param overload what an eviction does when the device can't keep up
   * @return changed options
   */
  public FileOptions withOverload(Overload overload) {
    return new FileOptions(
        path, capacityBytes, persist, recovery, io, compression, overload, retention, scrubPeriod);
  }

  /**
   * The same with another retention.
   *
   * @param retention whether a full file discards records, or refuses values
   * @return changed options
   * @throws IllegalArgumentException if it is {@link Retention#KEEP_ALL} and {@link #persist}
   *     excludes values
   */
  public FileOptions withRetention(Retention retention) {
    return new FileOptions(
        path, capacityBytes, persist, recovery, io, compression, overload, retention, scrubPeriod);
  }

  /**
   * The same with another period of scrubbing. A week suits a disk that has bad sectors at times. A
   * pass reads each extent once, at equal distances; a restart begins a new one.
   *
   * @param scrubPeriod the time in which the whole file is read once, or {@link Duration#ZERO}
   * @return changed options
   * @throws IllegalArgumentException if it is negative
   */
  public FileOptions withScrubPeriod(Duration scrubPeriod) {
    return new FileOptions(
        path, capacityBytes, persist, recovery, io, compression, overload, retention, scrubPeriod);
  }
}
