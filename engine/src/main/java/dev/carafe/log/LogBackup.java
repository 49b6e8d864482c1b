package dev.carafe.log;

import dev.carafe.DamagedFileException;
import dev.carafe.DeviceException;
import dev.carafe.FileInUseException;
import dev.carafe.device.Device;
import dev.carafe.device.Devices;
import dev.carafe.device.NativeMemory;
import dev.carafe.device.ReadOnlyDevice;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.FormatVersion;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies the log of a file to a new file, while a cache may be writing to it. The copy is the log
 * at one moment, not before the last flush or close that ended before the copy began (as in
 * contract D3).
 *
 * <p>A pass copies the extents of the log that {@link LiveScan} finds. A sealed extent does not
 * change, and is copied once: its checksums, salted for this use of its slot, show that all of its
 * bytes were read before the slot was overwritten. If an extent is overwritten before it was
 * copied, its live records were copied to the end of the log before; the next pass copies the log
 * that begins after it. The newest extent may be unfinished; it counts as copied if it was not
 * excluded from the log afterwards.
 */
public final class LogBackup {
  private static final int MAX_PASSES = 20;

  private final LogFile source;
  private final Geometry geometry;
  private final TruncatedFile truncated;
  private final MemorySegment extent;
  private final MemorySegment header;
  private final ExtentCheck check;
  private final BackupTarget target;
  private final Progress progress;

  /** The salts of the extents that the last pass could not copy, by sequence. */
  private Map<Long, Long> suspects = new HashMap<>();

  private long copiedBytes;

  /** Receives the progress of a copy, on its thread. An exception ends it. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called before each extent.
     *
     * @param copied the bytes that were copied
     * @param total the bytes of the log when the present pass began, and of those copied before
     */
    void report(long copied, long total);
  }

  /**
   * A copy.
   *
   * @param firstSequence the sequence of the log's first extent
   * @param lastSequence the sequence of the log's last extent, less than the first if it is empty
   * @param logBytes the bytes of these extents
   * @param passes how often the log was read, 1 unless a cache overwrote extents meanwhile
   */
  public record Copy(long firstSequence, long lastSequence, long logBytes, int passes) {}

  private LogBackup(LogFile source, LogFile created, MemorySegment memory, Progress progress) {
    long extentBytes = source.geometry().extentBytes();
    this.source = source;
    this.geometry = source.geometry();
    this.truncated = new TruncatedFile(source);
    this.extent = memory.asSlice(0, extentBytes);
    this.header = memory.asSlice(extentBytes, FormatVersion.BLOCK_BYTES);
    this.check = new ExtentCheck(source, extent);
    this.target = new BackupTarget(created, check, memory.asSlice(extentBytes + header.byteSize()));
    this.progress = progress;
  }

  /**
   * Copies a file.
   *
   * @param from the file; a cache may have it open
   * @param to names no file; receives the copy when it is complete and synced
   * @param progress receives the progress
   * @return the copy
   * @throws DamagedFileException if a part of the log does not verify
   * @throws FileInUseException if {@code to} exists, or a cache writes to {@code from} faster than
   *     it can be copied, or changes its capacity
   * @throws DeviceException if a transfer fails
   */
  public static Copy run(Path from, Path to, Progress progress) {
    try (ReadOnlyDevice device = Devices.openShared(from)) {
      FileHeader header = LogInspection.header(from, device);
      Geometry geometry = LogInspection.geometry(from, header);
      long memoryBytes = geometry.extentBytes() + 2L * FormatVersion.BLOCK_BYTES;
      try (NativeMemory memory = NativeMemory.map(memoryBytes, false)) {
        LogFile source = new LogFile(from, device, geometry, header);
        requireFinished(source, memory.segment());
        try (Device created = Devices.create(to)) {
          LogFile target = new LogFile(to, created, geometry, header);
          Copy copy = new LogBackup(source, target, memory.segment(), progress).run();
          created.publish();
          return copy;
        }
      }
    }
  }

  private static void requireFinished(LogFile source, MemorySegment scratch) {
    if (UnfinishedFile.matches(source, scratch)) {
      throw new DamagedFileException(
          source.path(),
          source.device().fileBytes(),
          "a file of " + TruncatedFile.expectedBytes(source.geometry()) + " bytes",
          "one whose creation was interrupted: it holds nothing");
    }
    new TruncatedFile(source).throwIfTruncated();
  }

  private Copy run() {
    source.readOrThrow(header, 0);
    RecoveryPlan plan = scan();
    for (int pass = 1; pass <= MAX_PASSES; pass++) {
      Map<Long, Long> failed = copyAll(plan);
      RecoveryPlan after = scan();
      boolean lastIsTrue = plan.unfinishedSequence() == 0 || after.first() <= plan.last();
      if (failed.isEmpty() && lastIsTrue) {
        target.finish(plan.first(), plan.last(), header);
        long bytes = (plan.last() + 1 - plan.first()) * geometry.extentBytes();
        return new Copy(plan.first(), plan.last(), bytes, pass);
      }
      throwIfDamaged(failed, after);
      suspects = failed;
      plan = after;
    }
    throw new FileInUseException(
        source.path(),
        "is overwritten faster than it can be copied; copy it while less is written, or to a faster"
            + " disk");
  }

  private RecoveryPlan scan() {
    RecoveryPlan plan = LiveScan.run(source, truncated, extent);
    MemorySegment block = extent.asSlice(0, FormatVersion.BLOCK_BYTES);
    source.readOrThrow(block, 0);
    if (block.mismatch(header) >= 0) {
      throw new FileInUseException(
          source.path(),
          "got another capacity, or was created anew, while it was copied; copy it again");
    }
    return plan;
  }

  /** Copies the extents that are not copied yet. Returns the salts of those that do not verify. */
  private Map<Long, Long> copyAll(RecoveryPlan plan) {
    List<Long> missing = new ArrayList<>();
    for (long sequence = plan.first(); sequence <= plan.last(); sequence++) {
      if (!target.has(sequence, plan.salts()[geometry.slotOf(sequence)])) {
        missing.add(sequence);
      }
    }
    long total = copiedBytes + missing.size() * geometry.extentBytes();
    Map<Long, Long> failed = new HashMap<>();
    for (long sequence : missing) {
      progress.report(copiedBytes, total);
      long salt = plan.salts()[geometry.slotOf(sequence)];
      if (!copy(sequence, salt, sequence == plan.unfinishedSequence())) {
        failed.put(sequence, salt);
      }
      copiedBytes += geometry.extentBytes();
    }
    progress.report(copiedBytes, total);
    return failed;
  }

  private boolean copy(long sequence, long salt, boolean unfinished) {
    source.readOrThrow(extent, geometry.extentOffset(geometry.slotOf(sequence)));
    boolean whole = check.isWhole(sequence, salt);
    if (!whole && !(unfinished && check.hasHeader(sequence, salt))) {
      return false;
    }
    if (!whole) {
      extent.asSlice(check.endOffset()).fill((byte) 0);
    }
    target.write(sequence, salt, whole);
    return true;
  }

  /** An extent that twice did not verify, although no TAIL record excludes it, is damaged. */
  private void throwIfDamaged(Map<Long, Long> failed, RecoveryPlan after) {
    for (Map.Entry<Long, Long> each : failed.entrySet()) {
      long sequence = each.getKey();
      if (sequence >= after.first() && each.getValue().equals(suspects.get(sequence))) {
        throw new DamagedFileException(
            source.path(),
            geometry.extentOffset(geometry.slotOf(sequence)),
            "the extent of sequence " + sequence,
            "bytes that do not verify; the verify command names the place");
      }
    }
  }
}
