package dev.carafe.log;

import dev.carafe.FileOptions;
import java.lang.foreign.MemorySegment;

/**
 * Finds in a file the log as it was at one moment, not before the last completed flush (contract
 * D3), and replays it into the index.
 *
 * <p>{@link ExtentHeaders} reads the headers of all extents, {@link RecoveryScan} finds the first
 * and the last extent of the log, and {@link RecoveryReplay} repairs the file and applies the
 * records. An extent that was unfinished at a crash keeps its records up to the first that does not
 * verify.
 *
 * <p>Proved by {@code RecoveryTest}, {@code SimCrashTest} and {@code KillTest}.
 */
public final class Recovery {
  private final LogFile file;
  private final FileOptions.Recovery mode;
  private final MemorySegment extent;

  /**
   * Prepares a recovery.
   *
   * @param file to recover
   * @param mode what happens on damage
   * @param extent memory for one extent, overwritten
   */
  public Recovery(LogFile file, FileOptions.Recovery mode, MemorySegment extent) {
    this.file = file;
    this.mode = mode;
    this.extent = extent;
  }

  /**
   * The result of a recovery.
   *
   * @param damagedCount damaged places, 0 if the file has none
   * @param unfinishedSequence the newest extent, if it is not sealed: the writer continues it after
   *     its last record; 0 if it is sealed
   */
  public record Result(long damagedCount, long unfinishedSequence) {}

  /**
   * Replays the log.
   *
   * @param table receives the extents of the log
   * @param index receives the records; empty before
   * @return the result
   * @throws dev.carafe.DamagedFileException if there is damage and the mode is STRICT
   * @throws dev.carafe.DeviceException if the file can't be read or written
   */
  public Result run(ExtentTable table, RecordIndex index) {
    TruncatedFile truncated = new TruncatedFile(file);
    ExtentHeaders headers = ExtentHeaders.read(file, truncated, extent);
    if (truncated.isTruncated()) {
      truncated.repair(headers, extent);
    }
    RecoveryPlan plan = new RecoveryScan(file, headers, extent).run();
    long damaged = new RecoveryReplay(file, mode, truncated, extent, plan).run(table, index);
    return new Result(damaged + (truncated.isTruncated() ? 1 : 0), plan.unfinishedSequence());
  }
}
