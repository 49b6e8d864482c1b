package dev.carafe.uring;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who waits in the kernel for all others.
 *
 * <p>A platform thread that waits for an operation tries to become the leader, and reaps until its
 * own has ended; then it wakes one follower, which leads on. At depth 1 the caller so does all by
 * itself: a hand-over to another thread would cost 11 µs. A virtual thread never leads, since it
 * would hold its carrier in the kernel. Operations that nobody waits for, and those of virtual
 * threads, are seen to by one daemon thread, which is started when there are any and parks when
 * there are none.
 *
 * <p>No wake-up is lost: a follower stands in the queue before it last tries to lead, and a leader
 * looks into the queue after it stopped leading.
 */
final class Reaping {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final Ring ring;
  private final ReentrantLock leading = new ReentrantLock();
  private final ConcurrentLinkedQueue<Follower> followers = new ConcurrentLinkedQueue<>();
  private final Object starting = new Object();
  private volatile @Nullable Thread reaper;
  private volatile boolean stopped;

  private record Follower(Thread thread, RingOp op) {}

  Reaping(Ring ring) {
    this.ring = ring;
  }

  void await(RingOp op) {
    Thread me = Thread.currentThread();
    boolean interrupted = false;
    if (op.isEnded()) {
      return;
    }
    op.awaitBy(me);
    if (me.isVirtual()) {
      while (!op.isEnded()) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    } else {
      Follower follower = null;
      while (!op.isEnded()) {
        if (!op.isReaped() && leading.tryLock()) {
          lead(op);
        } else if (follower == null) {
          follower = new Follower(me, op);
          followers.add(follower);
        } else {
          LockSupport.park(this);
          interrupted |= Thread.interrupted();
        }
      }
      if (follower != null) {
        followers.remove(follower);
      }
      wakeFollower();
    }
    if (interrupted) {
      me.interrupt();
    }
  }

  /**
   * One turn: waits for completions, takes them, and after unlocking tells those concerned.
   *
   * <p>Whose op has been reaped must not wait in the kernel, for no completion may come, nor look
   * at the ring, which may be closed: whoever reaped it tells.
   */
  private void lead(@Nullable RingOp mine) {
    List<RingOp> ended = new ArrayList<>();
    try {
      if (mine != null && mine.isReaped()) {
        return;
      }
      ring.reap(ended);
      if (ended.isEmpty() && (mine != null || ring.unattended() > 0)) {
        ring.waitInKernel();
        ring.reap(ended);
      }
    } finally {
      leading.unlock();
    }
    try {
      for (RingOp op : ended) {
        tell(op);
      }
    } finally {
      ring.release(ended.size());
    }
  }

  private static void tell(RingOp op) {
    try {
      op.end();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "a completion's callback failed", e);
    }
  }

  /** Somebody has to lead on, if somebody still waits. */
  private void wakeFollower() {
    for (Follower next = followers.peek(); next != null; next = followers.peek()) {
      if (!next.op.isReaped()) {
        LockSupport.unpark(next.thread);
        return;
      }
      followers.remove(next);
    }
  }

  /** There may be something that nobody waits for. */
  void wakeReaper() {
    Thread running = reaper;
    if (running == null && ring.unattended() > 0) {
      synchronized (starting) {
        if (reaper == null && !stopped) {
          reaper = Thread.ofPlatform().daemon().name("carafe-reaper").start(this::reap);
        }
      }
    } else if (running != null) {
      LockSupport.unpark(running);
    }
  }

  private void reap() {
    while (!stopped) {
      if (ring.unattended() == 0) {
        LockSupport.park(this);
      } else {
        leading.lock();
        lead(null);
        wakeFollower();
      }
    }
  }

  /** Ends the reaper; nothing is in flight any more. */
  void stop() {
    Thread running;
    synchronized (starting) {
      stopped = true;
      running = reaper;
    }
    if (running != null) {
      LockSupport.unpark(running);
      boolean interrupted = false;
      while (running.isAlive()) {
        try {
          running.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
