package dev.carafe.log;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.RingHistory;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * Adopts another capacity when a file is opened (contract D7): adds slots to the ring, or removes
 * slots and the oldest extents. Extents keep their length.
 *
 * <p>The file header changes with one sector, so a crash leaves either ring. Extents are copied
 * only into slots that hold none that counts: the header gives up the oldest ones durably before.
 * Until the header has the new ring, a copy lies in a slot that its sequence does not belong to,
 * and does not count; from then on, the original does not.
 *
 * <p>Proved by {@code CapacityTest}.
 */
public final class CapacityChange {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  /** The log goes on in clean extents; it reclaims with fewer, but carries less then. */
  private static final int CLEAN_EXTENTS = 2;

  private final LogFile file;
  private final FileOptions options;
  private final MemorySegment extent;
  private long damagedCount;

  /**
   * Ready to run.
   *
   * @param file as it was opened, before it is recovered
   * @param options the capacity that is wanted, and what is done about damage
   * @param extent memory for one extent, overwritten
   */
  public CapacityChange(LogFile file, FileOptions options, MemorySegment extent) {
    this.file = file;
    this.options = options;
    this.extent = extent;
  }

  /**
   * How many damaged places were found.
   *
   * @return 0 for a file in order
   */
  public long damagedCount() {
    return damagedCount;
  }

  /**
   * Changes the capacity, if another one is wanted. Where the disk is full or fails before the
   * header has the new one, the capacity stays, and a warning says so.
   *
   * @return the file as it is now, to be recovered
   * @throws IllegalArgumentException if the file's extents do not allow that capacity; the file is
   *     as it was
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
    if (adopted.device().fileBytes() > bytes) { // of slots that were removed
      adopted.device().setFileBytes(bytes);
      adopted.syncOrThrow();
    }
    return adopted;
  }

  /** What moves where: the extents from the first one on are kept. */
  private record Plan(RingHistory rings, long first, SlotMap from, SlotMap to) {
    boolean moves(long sequence) {
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
        lengthen(slots);
      }
      ready = discardOldest(plan, table);
      copy(plan, table);
    } catch (DeviceException e) {
      LOG.log(
          Level.WARNING,
          String.format(
              "%s: the capacity stays %d bytes, and %d of %d extents were given up, the oldest,"
                  + " since the change to %d bytes failed: %s",
              file.path(),
              file.header().capacityBytes(),
              ready == file ? 0 : plan.first() - table.oldest(),
              table.next() - table.oldest(),
              options.capacityBytes(),
              e.getMessage()));
      return ready;
    }
    LogFile adopted = withRings(plan.rings());
    LOG.log(
        Level.INFO,
        String.format(
            "%s: capacity changed from %d to %d bytes; %d of %d extents were given up, the oldest",
            file.path(),
            file.header().capacityBytes(),
            options.capacityBytes(),
            plan.first() - table.oldest(),
            table.next() - table.oldest()));
    return adopted;
  }

  private void lengthen(int slots) {
    // an interrupted change may have left removed slots; added ones hold zeros
    file.device().setFileBytes(TruncatedFile.expectedBytes(file.geometry()));
    file.syncOrThrow();
    long bytes = FormatVersion.BLOCK_BYTES + slots * file.geometry().extentBytes();
    file.device().setFileBytes(bytes);
    file.syncOrThrow();
  }

  /** Gives up what is not kept, durably; if that fails, the file still counts as it was. */
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
      if (plan.moves(sequence)) {
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
    // the newest extent stays; older ones are kept as far as their new slots are free
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
