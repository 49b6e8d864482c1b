package dev.carafe.log;

import dev.carafe.DeviceException;
import dev.carafe.log.Reclaimer.IoHooks;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.RingHistory;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The ring of an open log in the file and in memory, for a {@link Resizer}. */
final class RingChange {
  private final boolean keepsAll;
  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;
  private final ReentrantLock history;
  private final MemorySegment scratch;
  private final IoHooks hooks;

  RingChange(Log log, MemorySegment scratch, IoHooks hooks) {
    this.keepsAll = log.keepsAll();
    this.file = log.file();
    this.table = log.table();
    this.writer = log.writer();
    this.history = log.history();
    this.scratch = scratch;
    this.hooks = hooks;
  }

  /** Extends the file to a number of slots. The new ones read as zeros. */
  void extend(int slots) {
    long present = TruncatedFile.expectedBytes(file.geometry());
    long extended = file.geometry().extentOffset(slots);
    if (isTooLong()) { // an earlier change has failed
      setFileBytes(present);
    }
    if (extended > present) {
      setFileBytes(extended);
    }
  }

  private void setFileBytes(long bytes) {
    file.device().setFileBytes(bytes);
    syncOrThrow(() -> {});
  }

  private void syncOrThrow(Runnable before) {
    LogFile.orThrow("fdatasync", file.path(), hooks.sync(before));
  }

  /** Under the history lock: the oldest extent that the log may have after a power cut. */
  long durableOldest() {
    long first = Math.min(file.firstSequence(), table.oldest());
    return table.clean().durableOldest(first, table.oldest(), writer.syncedSequence());
  }

  /** Seals the open extent if it is the oldest one, since only then it can be reclaimed. */
  void sealIfOldest() {
    if (table.oldest() > writer.writtenSequence()) {
      writer.sealUnlessReserve();
    }
  }

  /**
   * Decides the new ring. From then on, no extent is opened that has another slot in it.
   *
   * @return the header; null if the ring has no room before another extent is reclaimed
   * @throws DeviceException if that would discard records that must be kept
   */
  @Nullable FileHeader newHeader(ResizeRequest request) {
    history.lock();
    try {
      RingHistory rings = file.header().rings();
      if (request.slots() != file.geometry().extentCount()) {
        long first = durableOldest();
        long boundary = boundary(first, request.slots());
        RingHistory changed = rings.continued(first, boundary, request.slots());
        if (changed == null && keepsAll) {
          throw new DeviceException(
              "resize",
              file.path(),
              0,
              "the header has no room for another change of the capacity before the oldest extents"
                  + " are reclaimed, and no record may be discarded; try again later",
              null);
        }
        if (changed == null) {
          table.clean().limits().straighten(table.next(), file.geometry().extentCount());
          sealIfOldest();
          return null;
        }
        table.clean().limits().setBarrier(boundary);
        rings = changed;
      }
      return file.header().resized(rings, request.capacityBytes());
    } finally {
      history.unlock();
    }
  }

  /** The first extent of the new ring: after the next one, so that appends go on meanwhile. */
  private long boundary(long first, int slots) {
    long next = table.next();
    Geometry present = file.geometry();
    boolean mayOpen =
        next + 1 - first <= Math.min(slots, present.extentCount()) && present.slotOf(next) < slots;
    return mayOpen ? next + 1 : next;
  }

  /** Writes a header durably. */
  void write(FileHeader header) {
    syncOrThrow(() -> LogFiles.writeHeader(file, header, scratch));
  }

  /** Adopts a header that is in the file. */
  void adopt(FileHeader header) {
    Geometry geometry = Objects.requireNonNull(Geometry.of(header));
    history.lock();
    try {
      file.adopt(geometry, header);
      table.adopt(geometry);
    } finally {
      history.unlock();
    }
  }

  /** Excludes the extents beyond the end of the ring, all of them reclaimed, and truncates. */
  void truncate(long oldest) {
    FileHeader present = file.header();
    FileHeader header = present.resized(present.rings().settled(oldest), present.capacityBytes());
    write(header);
    adopt(header);
    if (isTooLong()) {
      setFileBytes(TruncatedFile.expectedBytes(file.geometry()));
    }
  }

  /** Whether the file is longer than its extents: a change was interrupted. */
  boolean isTooLong() {
    return file.device().fileBytes() > TruncatedFile.expectedBytes(file.geometry());
  }
}
