package dev.carafe.tier;

import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Retention;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.spi.WriteBudget;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The options of a file tier.
 *
 * @param file the options that the application set
 * @param codecs the names of the codecs for keys and values
 * @param indexBytes the limit of the index in bytes; {@link Long#MAX_VALUE} for none
 * @param nowNanos returns the time in nanoseconds since the epoch
 * @param removalListener notified of records that expire or are reclaimed
 * @param dirtySource the values that must be written within a bound
 * @param writeBudget the limit of the bytes that the file gets; null for none
 */
public record FileTierOptions(
    FileOptions file,
    CodecNames codecs,
    long indexBytes,
    LongSupplier nowNanos,
    FileRemovalListener removalListener,
    DirtySource dirtySource,
    @Nullable WriteBudget writeBudget) {

  /** Checks that nothing else limits a file that keeps all records. */
  public FileTierOptions {
    String limit =
        writeBudget != null ? "writeBudget" : indexBytes != Long.MAX_VALUE ? "indexMemory" : null;
    if (file.retention() == Retention.KEEP_ALL && limit != null) {
      throw new IllegalStateException(
          "retention is KEEP_ALL but "
              + limit
              + " is set, which limits what the file takes: leave one of them out");
    }
  }

  /**
   * Creates options without a write budget.
   *
   * @param file the options that the application set
   * @param codecs the names of the codecs for keys and values
   * @param indexBytes the limit of the index in bytes; {@link Long#MAX_VALUE} for none
   * @param nowNanos returns the time in nanoseconds since the epoch
   * @param removalListener notified of records that expire or are reclaimed
   * @param dirtySource the values that must be written within a bound
   */
  public FileTierOptions(
      FileOptions file,
      CodecNames codecs,
      long indexBytes,
      LongSupplier nowNanos,
      FileRemovalListener removalListener,
      DirtySource dirtySource) {
    this(file, codecs, indexBytes, nowNanos, removalListener, dirtySource, null);
  }

  /**
   * Returns options without codec names, index limit, removal listener and dirty values.
   *
   * @param file the options that the application set
   * @param nowNanos returns the time in nanoseconds since the epoch
   * @return the options
   */
  public static FileTierOptions of(FileOptions file, LongSupplier nowNanos) {
    return new FileTierOptions(
        file,
        CodecNames.NONE,
        Long.MAX_VALUE,
        nowNanos,
        FileRemovalListener.NONE,
        DirtySource.NONE);
  }
}
