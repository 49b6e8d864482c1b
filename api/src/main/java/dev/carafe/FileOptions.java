package dev.carafe;

import java.nio.file.Path;
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
 */
public record FileOptions(
    Path path,
    long capacityBytes,
    Set<Persist> persist,
    Recovery recovery,
    Io io,
    Compression compression,
    Overload overload) {

  /** The smallest capacity: a header and a few of the smallest extents. */
  public static final long MIN_CAPACITY_BYTES = 512 * 1024;

  /** Values that are written to the file while the cache runs. */
  public enum Persist {
    /** A value that a loader returned, when it is loaded. */
    MISSES,
    /** A value that is put, when memory evicts it or after {@code persistWithin}. */
    EVICTIONS
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

  /** Checks every component. */
  public FileOptions {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(persist, "persist");
    Objects.requireNonNull(recovery, "recovery");
    Objects.requireNonNull(io, "io");
    Objects.requireNonNull(compression, "compression");
    Objects.requireNonNull(overload, "overload");
    if (capacityBytes < MIN_CAPACITY_BYTES) {
      throw new IllegalArgumentException(
          "capacityBytes is "
              + capacityBytes
              + " but a file needs at least "
              + MIN_CAPACITY_BYTES
              + " bytes to hold its extents");
    }
    persist = persist.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(persist));
  }

  /**
   * The defaults: {@link Persist#MISSES} and {@link Persist#EVICTIONS}, {@link
   * Recovery#SKIP_DAMAGED}, {@link Io#AUTO}, {@link Compression#LZ4}, {@link Overload#WAIT}.
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
        EnumSet.allOf(Persist.class),
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
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }

  /**
   * The same with another capacity.
   *
   * @param capacityBytes the file's capacity in bytes
   * @return changed options
   */
  public FileOptions withCapacityBytes(long capacityBytes) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }

  /**
   * The same with another choice of the values that are written while the cache runs.
   *
   * @param persist the values; if empty, only removals are written before {@code flush} and {@code
   *     close}
   * @return changed options
   */
  public FileOptions withPersist(Set<Persist> persist) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }

  /**
   * The same with another recovery.
   *
   * @param recovery what happens to the file's content when the file is opened
   * @return changed options
   */
  public FileOptions withRecovery(Recovery recovery) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }

  /**
   * The same with another way of reading and writing.
   *
   * @param io {@link Io#AUTO}, or the one that must be available
   * @return changed options
   */
  public FileOptions withIo(Io io) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }

  /**
   * The same with another compression.
   *
   * @param compression how records are compressed
   * @return changed options
   */
  public FileOptions withCompression(Compression compression) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }

  /**
   * The same with another behaviour on overload.
   *
   * @param overload what an eviction does when the device can't keep up
   * @return changed options
   */
  public FileOptions withOverload(Overload overload) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }
}
