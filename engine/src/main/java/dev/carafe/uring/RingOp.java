package dev.carafe.uring;

import dev.carafe.base.UninterruptibleWait;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One operation on a ring. {@link InFlightOps} keeps it and its memory reachable until it has
 * completed.
 */
public abstract class RingOp {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private static final UninterruptibleWait.Wait<RingOp> END = (op, _, _) -> op.parkUnlessEnded();

  private volatile boolean ended;
  private volatile @Nullable Thread waiter;

  /** The next operation in the reaper's stack or pending list. */
  @Nullable RingOp next;

  /**
   * The reason if the ring refused the operation, set before {@link #end}; the kernel does not have
   * the operation then.
   */
  int refusalErrno;

  /** For use by devices. */
  protected RingOp() {}

  /**
   * Fills one submission queue entry with the rest of the operation.
   *
   * @param queue receives exactly one entry
   * @param userData of the entry
   */
  protected abstract void prepare(SubmissionQueue queue, long userData);

  /**
   * Handles a completion. Must be short, since it delays other completions.
   *
   * @param result bytes transferred, or the negated errno
   * @return false if the operation is incomplete and is to be submitted again
   */
  protected abstract boolean onResult(int result);

  /** Called once when the operation has completed, without a lock of the ring. */
  protected abstract void onCompleted();

  /**
   * Called instead of {@link #onCompleted} if the ring can't run the operation; the kernel does not
   * have it. May be called by the submitting thread before the submitting method returns.
   *
   * @param errno the reason
   */
  protected abstract void onRefused(int errno);

  /** Ends the operation as refused. */
  final void refuse(int errno) {
    refusalErrno = errno;
    end();
  }

  final void awaitEnd() {
    if (!ended) {
      waiter = Thread.currentThread();
      var _ = UninterruptibleWait.await(this, 0, UninterruptibleWait.FOREVER, END);
    }
  }

  private boolean parkUnlessEnded() {
    if (!ended) {
      LockSupport.park(this);
    }
    return ended;
  }

  /**
   * Runs the callback, then wakes the waiting thread, so the callback has run when the wait ends.
   * Throws nothing.
   */
  final void end() {
    try {
      if (refusalErrno == 0) {
        onCompleted();
      } else {
        onRefused(refusalErrno);
      }
    } catch (Throwable e) {
      log(e);
    } finally {
      ended = true;
      Thread waiting = waiter;
      if (waiting != null) {
        LockSupport.unpark(waiting);
      }
    }
  }

  /**
   * Logs an exception of a callback. A failure of the logger does not end the reaping thread.
   *
   * @param thrown by the callback
   */
  protected static void log(Throwable thrown) {
    try {
      LOG.log(
          Level.ERROR,
          "the callback of a completed I/O operation threw; the exception is ignored",
          thrown);
    } catch (Throwable noLog) {
      // such as OutOfMemoryError
    }
  }
}
