package dev.carafe.log;

import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.DirectoryLayout.Trailer;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHashes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads directories of sealed extents ahead for recovery, several in one batch of transfers. It
 * keeps them on the heap, so that {@link RecoveryReplay} does not read again the directories that
 * {@link RecoveryScan} has read.
 *
 * <p>It keeps a directory only if it verifies and belongs to its extent. It returns null for other
 * extents and after a failed read; the caller then reads the extent by {@link SealedExtent}, which
 * reports the failure.
 */
final class SealedExtents {
  /** 24 MiB of entries. */
  private static final int MAX_ENTRIES = 1 << 20;

  /** The entries of one batch take at most this part of the heap. */
  private static final int HEAP_SHARE = 16;

  private static final int MAX_BATCH = 32;

  private final LogFile file;
  private final Geometry geometry;
  private final long[] salts;
  private final MemorySegment scratch;
  private final Map<Long, Directory> directories = new HashMap<>();
  private final int maxEntries = maxEntries();
  private int keptEntries;

  /**
   * The directory of one extent.
   *
   * @param entries the hash and the location of each record
   * @param latestExpiryNanos the expiry time of the value that expires last
   */
  record Directory(KeyHashes entries, long latestExpiryNanos) {}

  /** An extent of a batch, whose directory lies at an offset of the scratch memory. */
  private record Extent(long sequence, Trailer trailer, MemorySegment directory) {}

  /**
   * Prepares reads.
   *
   * @param file the log's file
   * @param salts of the extents, by slot
   * @param scratch memory for one extent, overwritten by each read
   */
  SealedExtents(LogFile file, long[] salts, MemorySegment scratch) {
    this.file = file;
    this.geometry = file.geometry();
    this.salts = salts;
    this.scratch = scratch;
  }

  /** The number of entries that recovery collects on the heap before it puts them. */
  static int maxEntries() {
    long bytes = (long) KeyHashes.LONGS * Long.BYTES;
    return (int) Math.min(MAX_ENTRIES, Runtime.getRuntime().maxMemory() / HEAP_SHARE / bytes);
  }

  /**
   * Returns the directory of an extent and keeps it. Reads ahead towards older extents.
   *
   * @param sequence of the extent
   * @param oldest the last extent to read ahead
   * @return null if it was not read, or too many entries are kept
   */
  @Nullable Directory get(long sequence, long oldest) {
    if (!directories.containsKey(sequence) && keptEntries < maxEntries) {
      read(sequence, oldest, -1);
    }
    return directories.get(sequence);
  }

  /**
   * Returns the directory of an extent and removes it. Reads ahead towards newer extents.
   *
   * @param sequence of the extent
   * @param newest the last extent to read ahead
   * @return null if it was not read
   */
  @Nullable Directory take(long sequence, long newest) {
    if (!directories.containsKey(sequence)) {
      read(sequence, newest, 1);
    }
    Directory taken = directories.remove(sequence);
    if (taken != null) {
      keptEntries -= taken.entries().count();
    }
    return taken;
  }

  /** Reads the directories of further extents, as many as the scratch memory holds. */
  private void read(long from, long to, int step) {
    List<Long> sequences = new ArrayList<>();
    long limit = Math.min(MAX_BATCH, scratch.byteSize() / FormatVersion.BLOCK_BYTES);
    for (long sequence = from;
        sequence != to + step && sequences.size() < limit && !directories.containsKey(sequence);
        sequence += step) {
      sequences.add(sequence);
    }
    List<Extent> extents = new ArrayList<>();
    long used = 0;
    long count = 0;
    for (Map.Entry<Long, Trailer> each : trailersOf(sequences)) {
      long start = DirectoryLayout.startOf(geometry.extentBytes(), each.getValue().count());
      long bytes = geometry.extentBytes() - start;
      count += each.getValue().count();
      if (used + bytes > scratch.byteSize() || (used > 0 && count > maxEntries)) {
        break;
      }
      extents.add(new Extent(each.getKey(), each.getValue(), scratch.asSlice(used, bytes)));
      used += bytes;
    }
    List<IoOp> reads = new ArrayList<>();
    for (Extent extent : extents) {
      long start = endOf(extent.sequence()) - extent.directory().byteSize();
      reads.add(IoOp.read(extent.directory(), start));
    }
    file.readAll(reads);
    for (int i = 0; i < extents.size(); i++) {
      if (isDone(reads.get(i))) {
        keep(extents.get(i));
      }
    }
  }

  /** Reads the trailers of extents, up to the first that has none. */
  private List<Map.Entry<Long, Trailer>> trailersOf(List<Long> sequences) {
    List<IoOp> reads = new ArrayList<>();
    for (long sequence : sequences) {
      long at = (long) reads.size() * FormatVersion.BLOCK_BYTES;
      MemorySegment block = scratch.asSlice(at, FormatVersion.BLOCK_BYTES);
      reads.add(IoOp.read(block, endOf(sequence) - FormatVersion.BLOCK_BYTES));
    }
    file.readAll(reads);
    List<Map.Entry<Long, Trailer>> found = new ArrayList<>();
    for (int i = 0; i < reads.size() && isDone(reads.get(i)); i++) {
      long sequence = sequences.get(i);
      Trailer trailer =
          DirectoryLayout.readTrailer(reads.get(i).buffer(), file.fileId(), geometry.extentBytes());
      if (trailer == null
          || trailer.sequence() != sequence
          || trailer.salt() != salts[geometry.slotOf(sequence)]) {
        break;
      }
      found.add(Map.entry(sequence, trailer));
    }
    return found;
  }

  /** The offset in the file after an extent. */
  private long endOf(long sequence) {
    return geometry.extentOffset(geometry.slotOf(sequence)) + geometry.extentBytes();
  }

  private static boolean isDone(IoOp read) {
    return read.result() instanceof IoResult.Done;
  }

  private void keep(Extent extent) {
    SealedExtent sealed = SealedExtent.of(file, extent.trailer(), extent.directory());
    if (sealed.hasDirectory()) {
      KeyHashes entries = new KeyHashes(Math.max(1, extent.trailer().count()));
      sealed.copyEntries(entries);
      directories.put(
          extent.sequence(), new Directory(entries, extent.trailer().latestExpiryNanos()));
      keptEntries += entries.count();
    }
  }
}
