package dev.carafe.log;

import org.jspecify.annotations.Nullable;

/**
 * The room of a log that keeps all records (contract D8).
 *
 * <p>A record is at most an eighth of an extent, so at most an eighth of each extent is left over
 * at its end. If the live records take 70 % of the extents, seven eighths of them are full to 80 %:
 * reclamation then finds room by copying, as long as it is {@linkplain Reclaimer#maxLiveBytes
 * allowed to copy all}.
 *
 * <p>Proved by {@code KeepAllTest}.
 */
public final class KeptRecords {
  private static final int MAX_LIVE_PERCENT = 70;
  private static final int RECORDS_IN_EXTENT = 8;

  private KeptRecords() {}

  /**
   * The length of the largest record.
   *
   * @param geometry of the file
   * @return bytes
   */
  public static long maxRecordBytes(Geometry geometry) {
    return geometry.payloadBytes() / RECORDS_IN_EXTENT;
  }

  /**
   * The bytes that live records may take, with their directory entries. Under the history lock.
   *
   * @param log the log, whose capacity may be changing
   * @return bytes
   */
  public static long maxLiveBytes(Log log) {
    Geometry geometry = log.file().geometry();
    ResizeLimits limits = log.table().clean().limits();
    return maxLiveBytes(geometry, limits.targetExtents(geometry.extentCount()));
  }

  private static long maxLiveBytes(Geometry geometry, int extents) {
    return Reclaimer.usableBytes(geometry, extents) / 100 * MAX_LIVE_PERCENT;
  }

  /**
   * Whether a record can be appended and kept. Under the history lock.
   *
   * @param log the log
   * @param recordBytes the length of the record
   * @param replaced the address of the record that it replaces, or {@link RecordAddress#NONE}
   * @return true if the live records then take at most {@link #maxLiveBytes}
   */
  public static boolean hasRoom(Log log, long recordBytes, long replaced) {
    long before = replaced == RecordAddress.NONE ? 0 : RecordAddress.occupiedBytes(replaced);
    long after = RecordAddress.occupiedBytes(RecordAddress.of(0, 0, recordBytes));
    return log.table().live().total() - before + after <= maxLiveBytes(log);
  }

  /**
   * Why a log can't shrink. Under the history lock.
   *
   * @param log the log
   * @param extents how many extents it is to have
   * @return null if it can
   */
  static @Nullable String refusal(Log log, int extents) {
    if (!log.keepsAll()) {
      return null;
    }
    long live = log.table().live().total();
    long max = maxLiveBytes(log.file().geometry(), extents);
    return live <= max
        ? null
        : "the records take " + live + " bytes, and the new capacity is for " + max;
  }
}
