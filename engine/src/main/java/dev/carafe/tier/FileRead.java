package dev.carafe.tier;

import dev.carafe.log.RecordReader.ReadRequest;
import org.jspecify.annotations.Nullable;

/**
 * One read of a record under way, of which there may be many at once. It holds the memory that the
 * device reads into until exactly one of {@link #finish} and {@link #abandon} was called, after it
 * has arrived.
 */
public final class FileRead {
  private final FileReads reads;
  final FileKey key;
  final long address;
  final ReadRequest pending;
  final ReadTarget target;

  FileRead(FileReads reads, FileKey key, long address, ReadRequest pending, ReadTarget target) {
    this.reads = reads;
    this.key = key;
    this.address = address;
    this.pending = pending;
    this.target = target;
  }

  /**
   * Verifies what arrived. An address that was overtaken meanwhile is read again, by this thread.
   *
   * @return the value, to be closed; null if there is none
   */
  public @Nullable FileValue finish() {
    return reads.finish(this);
  }

  /** Gives the memory back. */
  public void abandon() {
    reads.abandon(this);
  }
}
