package dev.carafe.log;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.RingHistory;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Changes the capacity of a file when it is opened (contract D7): adds slots to the ring, or
 * removes slots and the oldest extents. Extents keep their length.
 *
 * <p>The file header changes by a write of one sector, so a crash leaves the old ring or the new
 * one. Before any extent is copied, the header durably excludes the oldest extents. Extents are
 * copied only into slots of excluded extents. Until the header has the new ring, a copy lies in a
 * slot that its sequence does not map to, so recovery ignores it. Afterwards recovery ignores the
 * original.
 *
 * <p>Proved by {@code CapacityTest}.
 */
public final class CapacityChange {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  /** Extents left clean by a shrink. With fewer, the next reclamation copies fewer records. */
  private static final int CLEAN_EXTENTS = 2;

  private final LogFile file;
  private final FileOptions options;
  private final MemorySegment extent;
  private long damagedCount;
  private @Nullable String failure;

  /**
   * Prepares a change.
   *
   * @param file as it was opened, before recovery
   * @param options the new capacity, and what happens on damage
   * @param extent memory for one extent, overwritten
   */
  public CapacityChange(LogFile file, FileOptions options, MemorySegment extent) {
    this.file = file;
    this.options = options;
    this.extent = extent;
  }

  /**
   * The damaged places that were found.
   *
   * @return their number, 0 for an undamaged file
   */
  public long damagedCount() {
    return damagedCount;
  }

  /**
   * Why the capacity was not changed.
   *
   * @return the effect and the failure of the device; null if the change succeeded or none was
   *     needed
   */
  public @Nullable String failure() {
    return failure;
  }

  /**
   * Changes the capacity if the options have another one. If the disk is full or fails before the
   * header is written, the capacity stays the same, a warning is logged, and {@link #failure} names
   * the reason.
   *
   * @return the file with its present capacity, to be recovered
   * @throws IllegalArgumentException if the file's extents do not allow that capacity; the file is
   *     unchanged
   * @throws dev.carafe.DamagedFileException if there is damage and the mode is STRICT
   * @throws DeviceException if the file can't be recovered, or its header can't be written; the
   *     file has the old capacity or the new one
   */
  public LogFile run() {
    Geometry wanted =
        Geometry.of(options.path(), options.capacityBytes(), file.geometry().extentBytes());
    LogFile adopted = file;
    if (wanted.extentCount() != file.geometry().extentCount()) {
      adopted = changeExtentCount(wanted.extentCount());
    } else if (wanted.capacityBytes() != file.header().capacityBytes()) {
      adopted = withRings(file.header().rings());
    }
    long bytes = TruncatedFile.expectedBytes(adopted.geometry());
    if (adopted.device().fileBytes() > bytes) { // the slots that were removed
      adopted.device().setFileBytes(bytes);
      adopted.syncOrThrow();
    }
    return adopted;
  }

  /** The slots of the extents before and after the change, and the oldest extent that is kept. */
  private record Plan(RingHistory rings, long first, SlotMap from, SlotMap to) {
    boolean isMoved(long sequence) {
      return from.slotOf(sequence) != to.slotOf(sequence);
    }
  }

  private LogFile changeExtentCount(int slots) {
    ExtentTable table = new ExtentTable(file.geometry());
    damagedCount = new Recovery(file, options.recovery(), extent).repair(table).damagedCount();
    Plan plan = plan(table, slots);
    LogFile ready = file;
    try {
      if (slots > file.geometry().extentCount()) {
        extend(slots);
      }
      ready = discardOldest(plan, table);
      copy(plan, table);
    } catch (DeviceException e) {
      failure =
          String.format(
              "the capacity stays %d bytes, and the oldest %d of %d extents were discarded, because"
                  + " the change to %d bytes failed; the next opening tries again: %s",
              file.header().capacityBytes(),
              ready == file ? 0 : plan.first() - table.oldest(),
              table.next() - table.oldest(),
              options.capacityBytes(),
              e.getMessage());
      LOG.log(Level.WARNING, file.path() + ": " + failure);
      return ready;
    }
    LogFile adopted = withRings(plan.rings());
    LOG.log(
        Level.INFO,
        String.format(
            "%s: the capacity changed from %d to %d bytes; the oldest %d of %d extents were"
                + " discarded",
            file.path(),
            file.header().capacityBytes(),
            options.capacityBytes(),
            plan.first() - table.oldest(),
            table.next() - table.oldest()));
    return adopted;
  }

  private void extend(int slots) {
    // an interrupted change may have left removed slots; added slots must hold zeros
    file.device().setFileBytes(TruncatedFile.expectedBytes(file.geometry()));
    file.syncOrThrow();
    long bytes = FormatVersion.BLOCK_BYTES + slots * file.geometry().extentBytes();
    file.device().setFileBytes(bytes);
    file.syncOrThrow();
  }

  /** Durably excludes the extents that are not kept. If that fails, the file is unchanged. */
  private LogFile discardOldest(Plan plan, ExtentTable table) {
    RingHistory before = file.header().rings();
    if (before.firstSequence() >= plan.first() || plan.first() >= table.next()) {
      return file;
    }
    FileHeader header =
        file.header().resized(before.beginningAt(plan.first()), file.header().capacityBytes());
    LogFiles.writeHeader(file, header, extent);
    file.syncOrThrow();
    return LogFiles.with(file, file.geometry(), header);
  }

  private void copy(Plan plan, ExtentTable table) {
    for (long sequence = plan.first(); sequence < table.next(); sequence++) {
      if (plan.isMoved(sequence)) {
        file.readOrThrow(extent, file.geometry().extentOffset(plan.from().slotOf(sequence)));
        file.writeOrThrow(extent, file.geometry().extentOffset(plan.to().slotOf(sequence)));
      }
    }
    file.syncOrThrow();
  }

  /** Writes the header with other rings. */
  private LogFile withRings(RingHistory rings) {
    FileHeader header = file.header().resized(rings, options.capacityBytes());
    long extentBytes = header.extentBytes();
    Geometry geometry =
        new Geometry(options.capacityBytes(), extentBytes, rings.slots(), new SlotMap(rings));
    LogFile adopted = LogFiles.with(file, geometry, header);
    LogFiles.writeHeader(adopted, header, extent);
    adopted.syncOrThrow();
    return adopted;
  }

  private Plan plan(ExtentTable table, int slots) {
    RingHistory before = file.header().rings();
    SlotMap from = new SlotMap(before);
    long next = table.next();
    boolean grows = slots > before.slots();
    long first = grows ? table.oldest() : Math.max(table.oldest(), next - (slots - CLEAN_EXTENTS));
    if (!before.isFull()) {
      RingHistory rings = before.resized(first, slots);
      return new Plan(rings, first, from, new SlotMap(rings));
    }
    // the newest extent keeps its slot; an older one is kept if its new slot is free
    long newest = next - 1;
    long origin = Math.floorMod(newest - from.slotOf(newest) % slots, slots);
    SlotMap to = new SlotMap(RingHistory.restarted(first, origin, slots));
    boolean[] sources = new boolean[Math.max(slots, before.slots())];
    boolean[] targets = new boolean[slots];
    long kept = next;
    for (; kept > first; kept--) {
      int source = from.slotOf(kept - 1);
      int target = to.slotOf(kept - 1);
      boolean overwrites = source != target && sources[target];
      boolean isOverwritten = source < slots && targets[source];
      if (overwrites || isOverwritten) {
        break;
      }
      sources[source] = true;
      targets[target] = true;
    }
    return new Plan(RingHistory.restarted(kept, origin, slots), kept, from, to);
  }
}
