package dev.carafe.uring;

import java.lang.System.Logger.Level;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One operation on a ring. Its slot keeps it, and so its memory, reachable until it has ended. */
public abstract class RingOp {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private volatile boolean ended;
  private volatile @Nullable Thread waiter;

  /** Those that were handed to the reaper before, while it has not seen them. */
  @Nullable RingOp next;

  /** Set before {@link #end} if the ring could not do it; the kernel does not have it then. */
  int refusalErrno;

  /** For use by devices. */
  protected RingOp() {}

  /**
   * Describes what is left to do.
   *
   * @param queue to be called once
   * @param userData to be passed on
   */
  protected abstract void prepare(SubmissionQueue queue, long userData);

  /**
   * Takes a completion. Must be short: others wait.
   *
   * @param result what the kernel said: bytes, or a negated errno
   * @return false if something is left to do and it is to be submitted again
   */
  protected abstract boolean onResult(int result);

  /** Tells whoever is concerned; called once, without any lock of the ring. */
  protected abstract void onCompleted();

  /**
   * Told instead of {@link #onCompleted} if the ring can't do it: nothing of it is with the kernel.
   * May be called where it was submitted, before that returns.
   *
   * @param errno why
   */
  protected abstract void onRefused(int errno);

  /** The ring can't do it. */
  final void refuse(int errno) {
    refusalErrno = errno;
    end();
  }

  final void awaitEnd() {
    boolean interrupted = false;
    if (!ended) {
      waiter = Thread.currentThread();
      while (!ended) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Runs the callback first, so that the waiting thread finds all done. Throws nothing. */
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
   * Logs what a callback threw. Not even the log's failure may end the thread that reaps.
   *
   * @param thrown by the callback
   */
  protected static void log(Throwable thrown) {
    try {
      LOG.log(Level.ERROR, "a completion's callback failed", thrown);
    } catch (Throwable noLog) {
      // no memory for it, say
    }
  }
}
