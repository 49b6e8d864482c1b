package dev.carafe.uring;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One operation on a ring. Its slot keeps it, and so its memory, reachable until it has ended. */
public abstract class RingOp {
  private volatile boolean reaped;
  private volatile boolean ended;
  private volatile @Nullable Thread waiter;

  /** Whether somebody will wait for it; otherwise the reaper sees to it. */
  boolean attended;

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
  protected abstract boolean progress(int result);

  /** Tells whoever is concerned; called once, without any lock of the ring. */
  protected abstract void finished();

  /**
   * Taken off the ring for good: no completion will come any more, but it may not have been told.
   */
  final boolean isReaped() {
    return reaped;
  }

  final void reaped() {
    reaped = true;
  }

  final boolean isEnded() {
    return ended;
  }

  final void awaitBy(Thread thread) {
    waiter = thread;
  }

  /** Tells first, so that whoever waits finds all done. */
  final void end() {
    try {
      finished();
    } finally {
      ended = true;
      Thread waiting = waiter;
      if (waiting != null) {
        LockSupport.unpark(waiting);
      }
    }
  }
}
