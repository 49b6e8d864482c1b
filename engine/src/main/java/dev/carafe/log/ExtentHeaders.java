package dev.carafe.log;

import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FormatVersion;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The extent headers of a file, by slot. Recovery reads them first. */
final class ExtentHeaders {
  private final long[] sequences;
  private final long[] salts;
  private final long[] synced;

  private ExtentHeaders(int slots) {
    this.sequences = new long[slots];
    this.salts = new long[slots];
    this.synced = new long[slots];
  }

  /**
   * Reads the header of each extent, or its trailer if the header is damaged.
   *
   * @param file the log's file
   * @param truncated the file's length as it was found
   * @param scratch memory for one extent, overwritten
   * @return the headers; an extent without header and trailer has sequence 0
   * @throws dev.carafe.DeviceException if the file can't be read
   */
  static ExtentHeaders read(LogFile file, TruncatedFile truncated, MemorySegment scratch) {
    ExtentHeaders headers = new ExtentHeaders(file.geometry().slotCount());
    for (int slot = 0; slot < headers.sequences.length; slot++) {
      if (truncated.hasHeader(slot) && !headers.readHeader(file, slot, scratch)) {
        headers.useTrailer(slot, truncated.hasExtent(slot) ? sealed(file, slot, scratch) : null);
      }
    }
    return headers;
  }

  private boolean readHeader(LogFile file, int slot, MemorySegment scratch) {
    MemorySegment block = scratch.asSlice(0, FormatVersion.BLOCK_BYTES);
    file.readOrThrow(block, file.geometry().extentOffset(slot));
    ExtentHeader header = ExtentHeaderLayout.read(block, file.fileId());
    if (header == null || file.geometry().slotOf(header.sequence()) != slot) {
      return false;
    }
    sequences[slot] = header.sequence();
    salts[slot] = header.salt();
    synced[slot] = header.syncedSequence();
    return true;
  }

  private static @Nullable SealedExtent sealed(LogFile file, int slot, MemorySegment scratch) {
    SealedExtent sealed = SealedExtent.read(file, slot, scratch);
    return sealed != null && sealed.hasDirectory() ? sealed : null;
  }

  private void useTrailer(int slot, @Nullable SealedExtent sealed) {
    if (sealed != null) {
      sequences[slot] = sealed.trailer().sequence();
      salts[slot] = sealed.trailer().salt();
    }
  }

  /**
   * The newest extent that was written. An extent that a header marks as synced was written, even
   * if the file has lost all of its bytes.
   *
   * @return its sequence, 0 if there is none
   */
  long newest() {
    long newest = 0;
    for (int slot = 0; slot < sequences.length; slot++) {
      newest = Math.max(newest, Math.max(sequences[slot], synced[slot]));
    }
    return newest;
  }

  /** The slot whose header has the highest sequence. */
  int newestSlot() {
    int newest = 0;
    for (int slot = 0; slot < sequences.length; slot++) {
      newest = sequences[slot] > sequences[newest] ? slot : newest;
    }
    return newest;
  }

  /**
   * The newest extent that is marked as synced.
   *
   * @param oldest headers of older extents are ignored
   * @return the highest sequence that a header marks as synced
   */
  long newestSynced(long oldest) {
    long newest = 0;
    for (int slot = 0; slot < sequences.length; slot++) {
      newest = sequences[slot] >= oldest ? Math.max(newest, synced[slot]) : newest;
    }
    return newest;
  }

  /** Whether the extents of all sequences from one to another are present. */
  boolean areComplete(Geometry geometry, long from, long to) {
    for (long sequence = from; sequence <= to; sequence++) {
      if (sequences[geometry.slotOf(sequence)] != sequence) {
        return false;
      }
    }
    return true;
  }

  /** Whether the extents are the same. */
  boolean areSame(@Nullable ExtentHeaders others) {
    return others != null
        && Arrays.equals(sequences, others.sequences)
        && Arrays.equals(salts, others.salts);
  }

  long sequenceAt(int slot) {
    return sequences[slot];
  }

  /** The salts by slot. */
  long[] salts() {
    return salts;
  }

  /**
   * Raises the synced sequence of a header. Returns the header to write, null if it is unchanged.
   */
  @Nullable ExtentHeader markSynced(int slot, long sequence) {
    if (sequence <= synced[slot]) {
      return null;
    }
    synced[slot] = sequence;
    return new ExtentHeader(sequences[slot], sequence, salts[slot]);
  }
}
