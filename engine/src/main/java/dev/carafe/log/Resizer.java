package dev.carafe.log;

import dev.carafe.DeviceException;
import dev.carafe.log.Reclaimer.IoHooks;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Changes the capacity of an open file (contract D7). Reads and appends continue meanwhile.
 *
 * <p>The file header changes by a write of one sector, so a crash leaves the old ring or the new
 * one. The new ring begins at a boundary, an extent that is not open yet and is not opened before
 * the header is synced. All older extents keep their slots, so both headers describe the same log.
 *
 * <ul>
 *   <li>To grow, the file is extended, then the header is written.
 *   <li>To shrink, reclamation first removes the oldest extents, until the log has fewer than the
 *       new ring. Then the header is written. Then reclamation removes the extents beyond the new
 *       end. A second header excludes them, and the file is truncated.
 * </ul>
 *
 * <p>An extent counts as removed only after its TAIL record is synced. If the device fails before
 * the first header is written, the capacity stays the same. If the result of that write is unknown,
 * no extent from the boundary on is opened until the old header is written again.
 *
 * <p>For the maintenance thread, except {@link #request}. Proved by {@code ResizeTest}.
 */
public final class Resizer {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  /** Extents that are clean when the new ring begins. */
  private static final int CLEAN_EXTENTS = 2;

  private final Log log;
  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;
  private final ReentrantLock history;
  private final EventCount changes;
  private final RingChange ring;
  private final Queue<ResizeRequest> requests = new ConcurrentLinkedQueue<>();
  private volatile Step step = Step.IDLE; // written by the maintenance thread
  private @Nullable ResizeRequest current;
  private long lastBeyondEnd;

  private enum Step {
    IDLE,
    /** Reclaims until the log is short enough for the new ring. */
    SHORTEN,
    /** Writes the header with the new ring. */
    ADOPT,
    /** Writes the old header again, since the result of that write is unknown. */
    RESTORE,
    /** Reclaims the extents beyond the new end, and truncates the file. */
    TRUNCATE
  }

  /**
   * Prepares changes.
   *
   * @param log the log
   * @param scratch memory for a block or more, overwritten
   * @param hooks syncs
   */
  public Resizer(Log log, MemorySegment scratch, IoHooks hooks) {
    this.log = log;
    this.file = log.file();
    this.table = log.table();
    this.writer = log.writer();
    this.history = log.history();
    this.changes = log.changes();
    this.ring = new RingChange(log, scratch, hooks);
    if (file.geometry().slotCount() > file.geometry().extentCount()) { // a crash interrupted it
      this.step = Step.TRUNCATE;
      this.lastBeyondEnd = file.header().rings().lastBeyondEnd();
    }
  }

  /**
   * Whether the file must change to have a capacity. For the thread that opens the file.
   *
   * @param capacityBytes the wanted capacity
   * @return false if the file has it, and no change was interrupted
   */
  public boolean isRequired(long capacityBytes) {
    return step != Step.IDLE
        || file.geometry().capacityBytes() != capacityBytes
        || ring.isTooLong();
  }

  /**
   * Requests another capacity. Any thread may call this. The caller signals the maintenance thread.
   *
   * @param capacityBytes the maximum length of the file
   * @return the request, which completes later
   * @throws IllegalArgumentException if the file's extents do not allow that capacity
   */
  public ResizeRequest request(long capacityBytes) {
    Geometry wanted = Geometry.of(file.path(), capacityBytes, file.geometry().extentBytes());
    ResizeRequest request = new ResizeRequest(capacityBytes, wanted.extentCount());
    requests.add(request);
    return request;
  }

  /**
   * Whether a change goes on, or waits for the device. Any thread may call this.
   *
   * @return false if there is no work
   */
  public boolean isBusy() {
    return step != Step.IDLE || !requests.isEmpty();
  }

  /**
   * Whether a change waits until the oldest extent is reclaimed.
   *
   * @return true if it is to be reclaimed
   */
  public boolean isReclaimWanted() {
    history.lock();
    try {
      ResizeRequest request = current;
      return switch (step) {
        case SHORTEN ->
            request != null
                && (!limits().isAtTarget()
                    || table.next() - table.oldest() > request.slots() - CLEAN_EXTENTS);
        case ADOPT -> limits().isStraightening();
        case TRUNCATE -> table.oldest() <= lastBeyondEnd;
        default -> false;
      };
    } finally {
      history.unlock();
    }
  }

  /**
   * Whether no extent may be opened at present, so that none can be reclaimed.
   *
   * @return true until a failed write of the header is settled
   */
  public boolean isRestoring() {
    return step == Step.RESTORE;
  }

  /**
   * The number of extents of the ring, after a change that goes on.
   *
   * @return fewer than at present during a shrink
   */
  public int targetExtents() {
    history.lock();
    try {
      return limits().targetExtents(file.geometry().extentCount());
    } finally {
      history.unlock();
    }
  }

  private ResizeLimits limits() {
    return table.clean().limits();
  }

  /**
   * Takes the next step of a change, if it can be taken.
   *
   * @return true if another step may follow at once
   */
  public boolean advance() {
    Step before = step;
    try {
      ResizeRequest request = current;
      if (step == Step.TRUNCATE) {
        truncate();
      } else if (step == Step.RESTORE) {
        restore();
      } else if (request == null) {
        begin(requests.poll());
      } else if (step == Step.SHORTEN) {
        shorten(request);
      } else {
        adopt(request);
      }
    } catch (DeviceException e) {
      fail(String.valueOf(e.getMessage()));
    }
    return step != before;
  }

  /**
   * Ends the present request because the device fails. A change that the header has adopted goes on
   * when the device works again.
   *
   * @param reason of the device
   */
  public void fail(String reason) {
    boolean adopted = step == Step.TRUNCATE && current != null;
    ResizeRequest request = current == null ? requests.poll() : current;
    current = null;
    if (request != null) {
      String effect =
          adopted
              ? "the capacity is "
                  + request.capacityBytes()
                  + " bytes now, but the file is not"
                  + " shortened before the device works again: "
              : "the capacity stays " + file.geometry().capacityBytes() + " bytes: ";
      request.fail(effect + reason);
      LOG.log(Level.WARNING, file.path() + ": " + effect + reason);
      changes.signal();
    }
    if (step == Step.SHORTEN || step == Step.ADOPT) {
      endWithoutChange();
    }
  }

  private void endWithoutChange() {
    step = Step.IDLE;
    endLimits();
  }

  private void endLimits() {
    history.lock();
    try {
      limits().clear();
    } finally {
      history.unlock();
    }
    changes.signal();
  }

  private void complete() {
    ResizeRequest request = current;
    current = null;
    step = Step.IDLE;
    if (request != null) {
      request.complete();
    }
    changes.signal();
  }

  private void begin(@Nullable ResizeRequest request) {
    if (request == null) {
      return;
    }
    current = request;
    Geometry present = file.geometry();
    if (request.slots() > present.extentCount()) {
      step = Step.ADOPT;
      ring.extend(request.slots());
    } else if (request.slots() < present.extentCount()) {
      String refusal;
      history.lock();
      try {
        refusal = KeptRecords.refusal(log, request.slots());
        if (refusal == null) {
          limits().shrinkTo(request.slots(), present.extentCount(), table.next() - table.oldest());
        }
      } finally {
        history.unlock();
      }
      if (refusal == null) {
        step = Step.SHORTEN;
      } else {
        fail(refusal);
      }
    } else if (request.capacityBytes() != present.capacityBytes()) {
      step = Step.ADOPT;
    } else if (ring.isTooLong()) {
      step = Step.TRUNCATE;
    } else {
      complete();
    }
  }

  private void shorten(ResizeRequest request) {
    history.lock();
    try {
      boolean isShort = limits().isAtTarget();
      isShort &= table.next() - table.oldest() <= request.slots() - CLEAN_EXTENTS;
      isShort &= table.next() - ring.durableOldest() <= request.slots();
      step = isShort ? Step.ADOPT : step;
      if (!isShort) {
        sealIfUnsynced();
      }
    } finally {
      history.unlock();
    }
  }

  /** Seals the open extent if a TAIL record in it must be synced, since only then it is synced. */
  private void sealIfUnsynced() {
    if (!isReclaimWanted() && ring.durableOldest() < table.oldest()) {
      writer.sealUnlessReserve();
    }
  }

  private void adopt(ResizeRequest request) {
    FileHeader header = ring.newHeader(request);
    if (header == null) {
      return;
    }
    boolean shrinks = request.slots() < file.geometry().extentCount();
    try {
      ring.write(header);
    } catch (DeviceException e) {
      step = Step.RESTORE;
      fail(String.valueOf(e.getMessage()));
      return;
    }
    LOG.log(
        Level.INFO,
        String.format(
            "%s: the capacity changed from %d to %d bytes",
            file.path(), file.geometry().capacityBytes(), request.capacityBytes()));
    ring.adopt(header);
    lastBeyondEnd = header.rings().lastBeyondEnd();
    endLimits();
    if (shrinks || ring.isTooLong()) {
      step = Step.TRUNCATE;
    } else {
      complete();
    }
  }

  private void restore() {
    try {
      ring.write(file.header());
      endWithoutChange();
    } catch (DeviceException e) {
      fail(String.valueOf(e.getMessage())); // the next round tries again
    }
  }

  private void truncate() {
    long first;
    history.lock();
    try {
      first = ring.durableOldest();
      if (first <= lastBeyondEnd) {
        ring.sealIfOldest();
        sealIfUnsynced();
        return;
      }
    } finally {
      history.unlock();
    }
    ring.truncate(first);
    complete();
  }
}
