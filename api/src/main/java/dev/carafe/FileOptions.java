package dev.carafe;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * How the file tier is kept. Start with {@link #at(Path, long)}, change with a {@code withX}.
 *
 * @param path the one file; its directory must exist
 * @param capacityBytes the file never grows past this many bytes; at least {@value
 *     #MIN_CAPACITY_BYTES}
 * @param persist which values go to the file while the cache runs; {@code flush} and {@code close}
 *     write what is left whatever this says
 * @param recovery what is done with what the file holds when it is opened
 * @param io how the file is read and written
 * @param compression whether records are compressed
 * @param overload what an eviction does when the file can't follow
 */
public record FileOptions(
    Path path,
    long capacityBytes,
    Set<Persist> persist,
    Recovery recovery,
    Io io,
    Compression compression,
    Overload overload) {

  /** The smallest file there is: a header and room for a few of the smallest extents. */
  public static final long MIN_CAPACITY_BYTES = 512 * 1024;

  /** Which values are written to the file as the cache runs. */
  public enum Persist {
    /** A value that a loader produced, when it is loaded. */
    MISSES,
    /** A value that memory has no more room for. */
    EVICTIONS
  }

  /** What is done with what the file holds when it is opened. */
  public enum Recovery {
    /**
     * Start with nothing, whatever is there; also how a foreign file, or one of other codecs, is
     * given up.
     */
    EMPTY,
    /** Keep all that verifies; leave out, count and log what does not. */
    SKIP_DAMAGED,
    /** Refuse a file in which anything does not verify. */
    STRICT
  }

  /** How the file is read and written. Anything but {@link #AUTO} is a demand. */
  public enum Io {
    /** The best that can be had here: fixed buffers, else plain io_uring, else a file channel. */
    AUTO,
    /** io_uring with memory registered at the kernel. */
    FIXED_BUFFERS,
    /** io_uring without registered memory. */
    URING,
    /** {@link java.nio.channels.FileChannel}. */
    CHANNEL
  }

  /** How records are compressed. */
  public enum Compression {
    /** Not at all. */
    NONE,
    /** By LZ4, kept per record only where it saves at least an eighth. */
    LZ4
  }

  /** What an eviction does when the file can't follow. */
  public enum Overload {
    /** It waits, for a bounded time. */
    WAIT,
    /** The value is dropped, and counted. */
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
   * The defaults: misses and evictions persisted, damage skipped, the best I/O there is, LZ4, and
   * waiting on overload.
   *
   * @param path the one file; its directory must exist
   * @param capacityBytes the most bytes that the file may take
   * @return options to use as they are or to change
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
   * @param path the one file
   * @return changed options
   */
  public FileOptions withPath(Path path) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }

  /**
   * The same with another capacity.
   *
   * @param capacityBytes the most bytes that the file may take
   * @return changed options
   */
  public FileOptions withCapacityBytes(long capacityBytes) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }

  /**
   * The same with another choice of what is persisted as the cache runs.
   *
   * @param persist which values; empty keeps the file for {@code flush} and {@code close}
   * @return changed options
   */
  public FileOptions withPersist(Set<Persist> persist) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }

  /**
   * The same with another way of opening.
   *
   * @param recovery what is done with what the file holds
   * @return changed options
   */
  public FileOptions withRecovery(Recovery recovery) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }

  /**
   * The same with another way of reading and writing.
   *
   * @param io {@link Io#AUTO}, or a demand
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
   * The same with another answer to overload.
   *
   * @param overload what an eviction does when the file can't follow
   * @return changed options
   */
  public FileOptions withOverload(Overload overload) {
    return new FileOptions(path, capacityBytes, persist, recovery, io, compression, overload);
  }
}
