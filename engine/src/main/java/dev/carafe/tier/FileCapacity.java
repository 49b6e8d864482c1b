package dev.carafe.tier;

import dev.carafe.DeviceException;
import dev.carafe.FileFullException;
import dev.carafe.device.IoResult;
import dev.carafe.log.KeptRecords;
import dev.carafe.log.Log;
import dev.carafe.log.LogFile;
import dev.carafe.log.ResizeRequest;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The capacity of the file, and the memory that its device has registered. Requests another
 * capacity from the maintenance thread, and waits for it.
 *
 * <p>Thread-safe. Proved by {@code CapacityTest} and {@code ResizeTest}.
 */
public final class FileCapacity {
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final OpenLog open;
  private final LogMaintenance maintenance;
  private volatile @Nullable Failure failure;

  /** Why the opening has not changed the capacity. */
  private record Failure(long capacityBytes, Degraded degraded) {}

  FileCapacity(OpenLog open, LogMaintenance maintenance) {
    this.open = open;
    this.maintenance = maintenance;
  }

  /**
   * Starts the maintenance thread. If the file has another capacity, or a crash interrupted a
   * change, the capacity is changed first. If the device fails, the file keeps its capacity, and
   * {@link #degraded} has the reason.
   *
   * @param capacityBytes the capacity of the options, which the extents allow
   */
  void adopt(long capacityBytes) {
    if (!maintenance.resizer().isRequired(capacityBytes)) {
      maintenance.wake();
      return;
    }
    try {
      resize(capacityBytes);
    } catch (DeviceException e) {
      String reason =
          String.format(
              "the change to %d bytes failed, and the next opening tries again: %s",
              capacityBytes, e.getMessage());
      failure = new Failure(capacityBytes, new Degraded(reason, Instant.now()));
    }
  }

  /** {@return the length in bytes of the largest value that fits an extent with a key of 1 KiB} */
  public int maxValueBytes() {
    return open.log().file().geometry().maxValueBytes();
  }

  /**
   * Checks that the file can have a capacity.
   *
   * @param capacityBytes the maximum length of the file
   * @throws IllegalArgumentException if the length of its extents does not allow it
   */
  public void require(long capacityBytes) {
    open.requireCapacity(capacityBytes);
  }

  /**
   * Replaces the memory that is registered as fixed buffers, beside the buffers of the file tier.
   *
   * @param values the memory of values; the caller keeps it mapped until the next call or the end
   *     of the tier
   */
  public void registerMemory(List<MemorySegment> values) {
    open.register(values);
  }

  /**
   * Changes the capacity of the file, while reads and changes continue. Growing keeps all records.
   * Shrinking discards the oldest records until the others fit, and truncates the file. Returns
   * when the file has the new capacity and length. Changes of several threads run one after
   * another.
   *
   * @param capacityBytes the maximum length of the file
   * @throws IllegalArgumentException if the length of the file's extents does not allow the
   *     capacity
   * @throws DeviceException if the device fails; the message names the reason and the capacity that
   *     the file has
   */
  public void resize(long capacityBytes) {
    if (maintenance.isMaintenanceThread()) {
      throw new IllegalStateException(
          "the capacity can't be changed inside a listener or a codec that carafe-keeper calls");
    }
    ResizeRequest request = maintenance.resizer().request(capacityBytes);
    maintenance.wake();
    for (long seen = version(); !request.isDone(); seen = version()) {
      requireRunning();
      if (!request.isDone() && open.log().changes().await(seen, WAIT_NANOS) <= 0) {
        maintenance.wake();
      }
    }
    String reason = request.failure();
    if (reason != null) {
      throw failed(reason);
    }
    failure = null;
  }

  /**
   * Starts to reclaim the extents that are mostly dead, in the background, after {@link
   * FileTier#clear}. A caller that flushes calls this after the flush, which would wait for the
   * syncs of this work.
   */
  public void reclaimDead() {
    maintenance.reclaimDead();
  }

  private long version() {
    return open.log().changes().version();
  }

  private void requireRunning() {
    if (maintenance.isStopped()) {
      throw failed("the file was closed during the change");
    }
    if (!maintenance.ensureRunning()) {
      IoResult.Failed failed = maintenance.failure();
      String reason = failed == null ? "thread carafe-keeper does not run" : failed.message();
      throw failed("the capacity changes when the thread can be started: " + reason);
    }
  }

  private DeviceException failed(String reason) {
    return new DeviceException("resize", file().path(), 0, reason, null);
  }

  private LogFile file() {
    return open.log().file();
  }

  /** Why the file can't be written, or why it has not adopted a capacity; null if neither. */
  @Nullable Degraded degraded() {
    Degraded device = maintenance.degraded();
    Failure opening = failure;
    return device != null || opening == null || isAdopted(opening.capacityBytes())
        ? device
        : opening.degraded();
  }

  /** Whether the file has a capacity, perhaps since the device works again. */
  private boolean isAdopted(long capacityBytes) {
    return file().geometry().capacityBytes() == capacityBytes && !maintenance.resizer().isBusy();
  }

  /** {@return whether the file keeps all records (contract D8)} */
  public boolean keepsAll() {
    return open.log().keepsAll();
  }

  /**
   * Returns the exception for a value that a file that keeps all records has no room for.
   *
   * @param valueBytes the length of the value
   * @return an exception with the lengths of the file's records and of its largest one
   */
  public FileFullException refused(long valueBytes) {
    Log log = open.log();
    log.history().lock();
    try {
      return new FileFullException(
          log.file().path(),
          String.format(
              "no room for a value of %d bytes: the records take %d of %d bytes, and each at most"
                  + " %d; remove values, or give the file more capacity",
              valueBytes,
              log.table().live().total(),
              KeptRecords.maxLiveBytes(log),
              KeptRecords.maxRecordBytes(log.file().geometry())));
    } finally {
      log.history().unlock();
    }
  }
}
