package dev.carafe.tier;

import dev.carafe.log.RecordReader.ReadRequest;
import org.jspecify.annotations.Nullable;

/**
 * A read of a record in flight. A thread may have many at once. It holds the memory that the device
 * reads into until the caller calls exactly one of {@link #finish} and {@link #abandon}, which it
 * does after the read has completed.
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
   * Verifies the record. If the record was relocated or its extent reused meanwhile, this thread
   * reads it again.
   *
   * @return the value, which the caller closes; null if there is none
   */
  public @Nullable FileValue finish() {
    return reads.finish(this);
  }

  /** Frees the memory without verifying the record. */
  public void abandon() {
    reads.abandon(this);
  }
}
