package dev.carafe.log;

import dev.carafe.device.IoResult;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of a {@link LogWriter}. At most one belongs to the open extent. The others belong to
 * sealed extents until these are written, or are free.
 *
 * <p>The list does not change. Waiting, reading, and the state of writes need no lock.
 */
public final class ExtentBuffers {
  private final EventCount changes;
  private final List<ExtentBuffer> all = new ArrayList<>();

  ExtentBuffers(LogFile file, EventCount changes, List<MemorySegment> memories) {
    this.changes = changes;
    for (MemorySegment memory : memories) {
      all.add(new ExtentBuffer(file, changes, memory));
    }
  }

  /** The first buffer, in which an unfinished extent is resumed after recovery. */
  ExtentBuffer first() {
    return all.getFirst();
  }

  /** Under the history lock: a buffer for another extent, null if none is free. */
  @Nullable ExtentBuffer free(@Nullable ExtentBuffer open) {
    for (ExtentBuffer buffer : all) {
      if (buffer != open && (!buffer.isUsed() || buffer.tryRelease())) {
        return buffer;
      }
    }
    return null;
  }

  /** The buffer that holds an extent, acquired for reading; null if no buffer holds it. */
  @Nullable ExtentBuffer acquireForRead(long sequence) {
    for (ExtentBuffer buffer : all) {
      if (buffer.acquireForRead(sequence)) {
        return buffer;
      }
    }
    return null;
  }

  /**
   * Whether a write is in flight.
   *
   * @return false if all writes have completed or failed
   */
  public boolean isInFlight() {
    return all.stream().anyMatch(buffer -> buffer.writes().isInFlight());
  }

  /**
   * The failure of a write that was not repeated successfully yet.
   *
   * @return the first one, null if there is none
   */
  public IoResult.@Nullable Failed failure() {
    for (ExtentBuffer buffer : all) {
      IoResult.Failed failure = buffer.writes().failure();
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }

  /** Waits, without the history lock, until no write is in flight. */
  void awaitWrites() {
    for (long seen = changes.version(); isInFlight(); seen = changes.version()) {
      if (isInFlight()) {
        changes.await(seen);
      }
    }
  }

  /** Under the history lock, while no write is in flight: repeats the failed writes. */
  public void retry() {
    all.forEach(buffer -> buffer.writes().retry());
  }

  /** Under the history lock: submits extents again, and removes those from the list. */
  void rewrite(List<Long> sequences) {
    for (ExtentBuffer buffer : all) {
      if (buffer.isUsed() && sequences.remove(Long.valueOf(buffer.sequence()))) {
        buffer.rewrite();
      }
    }
  }

  /**
   * Under the history lock: the newest sealed extent such that all writes of it and of all older
   * ones have succeeded.
   *
   * @param open the buffer of the open extent, if there is one
   * @param sealed the sequence of the newest sealed extent
   */
  long writtenSequence(@Nullable ExtentBuffer open, long sealed) {
    long written = sealed;
    for (ExtentBuffer buffer : all) {
      if (buffer != open && buffer.isUsed() && !buffer.isWritten()) {
        written = Math.min(written, buffer.sequence() - 1);
      }
    }
    return written;
  }
}
