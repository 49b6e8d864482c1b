package dev.carafe.tier;

import dev.carafe.FileOptions;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import java.util.function.LongSupplier;

/**
 * How a file tier is kept.
 *
 * @param file what the application said
 * @param codecs how keys and values are encoded
 * @param nowNanos the time, in nanoseconds since the epoch
 * @param removalListener told of values that leave the file by themselves
 * @param dirtySource values that are to be written within a bound of time
 */
public record FileTierOptions(
    FileOptions file,
    CodecNames codecs,
    LongSupplier nowNanos,
    FileRemovalListener removalListener,
    DirtySource dirtySource) {
  /**
   * Options.
   *
   * @param file what the application said
   * @param nowNanos the time, in nanoseconds since the epoch
   * @return both, and codecs that are not told; nothing is told or written by itself
   */
  public static FileTierOptions of(FileOptions file, LongSupplier nowNanos) {
    return new FileTierOptions(
        file, CodecNames.NONE, nowNanos, FileRemovalListener.NONE, DirtySource.NONE);
  }
}
