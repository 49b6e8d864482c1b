package dev.carafe.tier;

import dev.carafe.log.RecordReader.ReadRequest;
import org.jspecify.annotations.Nullable;

/**
 * A read of one record that is submitted and awaited together with others. It owns the memory that
 * the device reads into. When the read has completed, the caller calls either {@link #finish} or
 * {@link #abandon}, once.
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
   * Verifies the record. If it was relocated meanwhile, this thread reads it again and waits.
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
