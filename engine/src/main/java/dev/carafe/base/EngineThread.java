package dev.carafe.base;

import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A daemon thread that the engine needs all the time (contract F6). It is started when it is first
 * needed. If the system has no thread to give, the next call of {@link #isRunning} tries again. If
 * the body throws, whatever it throws, the thread logs it, pauses and runs the body again.
 *
 * <p>All methods may be called by any thread and throw nothing.
 */
public final class EngineThread {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Called before a thread is started; what it throws stands for the system's refusal. */
  static volatile @Nullable Runnable beforeStart;

  private final String name;
  private final Runnable body;
  private final AtomicLong failureCount = new AtomicLong();
  private final Object startLock = new Object();

  private volatile @Nullable Thread thread;
  private volatile @Nullable Throwable startFailure;
  private volatile @Nullable Throwable bodyFailure;
  private volatile boolean ended;

  private long retryAtNanos; // guarded by startLock
  private long pauseNanos = FIRST_PAUSE_NANOS; // the thread's own

  /**
   * A thread that does not run yet.
   *
   * @param name of the thread
   * @param body the thread's work; returns only when the work is over, and may be called again
   *     after it threw
   */
  public EngineThread(String name, Runnable body) {
    this.name = name;
    this.body = body;
  }

  /**
   * Makes sure that the thread runs: starts it if it does not. After a refusal by the system it is
   * not tried again for 100 ms, so that callers can afford to ask often.
   *
   * @return false if it does not run: the system refuses a thread at the moment, or its work is
   *     over
   */
  public boolean isRunning() {
    Thread running = thread;
    return (running != null && running.isAlive()) || start();
  }

  private boolean start() {
    synchronized (startLock) {
      Thread running = thread;
      if (running != null && running.isAlive()) {
        return true;
      }
      if (ended || (startFailure != null && System.nanoTime() - retryAtNanos < 0)) {
        return false;
      }
      try {
        Thread fresh = daemon(name, this::run);
        fresh.start();
        thread = fresh; // not before: a thread that was refused is never alive
        startFailure = null;
        return true;
      } catch (Throwable e) {
        boolean first = startFailure == null;
        startFailure = e;
        retryAtNanos = System.nanoTime() + RETRY_NANOS;
        if (first) {
          log(" can't be started; its work waits or fails until it can be", e);
        }
        return false;
      }
    }
  }

  /**
   * A daemon thread, for a pool that starts it.
   *
   * @param name of the thread
   * @param body its work
   * @return not started yet
   */
  public static Thread daemon(String name, Runnable body) {
    Runnable hook = beforeStart;
    if (hook != null) {
      hook.run();
    }
    return Thread.ofPlatform().daemon().name(name).unstarted(body);
  }

  private void run() {
    thread = Thread.currentThread(); // its body may ask whether it is on this thread
    while (!ended) {
      try {
        body.run();
        ended = true;
      } catch (Throwable e) {
        try {
          onFailure(e);
        } catch (Throwable again) {
          bodyFailure = again; // no memory to log with; the body runs again all the same
        }
      }
    }
  }

  private void onFailure(Throwable e) {
    boolean first = bodyFailure == null;
    bodyFailure = e;
    failureCount.incrementAndGet();
    if (first) {
      log(" failed and goes on", e);
    }
    boolean interrupted = Thread.interrupted(); // nobody interrupts it; else it would not pause
    LockSupport.parkNanos(interrupted ? FIRST_PAUSE_NANOS : pauseNanos);
    pauseNanos = Math.min(LONGEST_PAUSE_NANOS, 2 * pauseNanos);
  }

  private void log(String what, Throwable e) {
    try {
      LOG.log(Level.ERROR, "thread " + name + what, e);
    } catch (Throwable noLog) {
      // it is still counted, and told by trouble()
    }
  }

  /** The body calls this whenever it has done a round of its work: what failed before is past. */
  public void recordSuccess() {
    if (bodyFailure != null) {
      bodyFailure = null;
      pauseNanos = FIRST_PAUSE_NANOS;
    }
  }

  /**
   * Whether this code runs on the thread.
   *
   * @return true in the body
   */
  public boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /** Unparks the thread, if there is one. */
  public void unpark() {
    LockSupport.unpark(thread);
  }

  /**
   * What is wrong with the thread at the moment.
   *
   * @return one sentence for {@code health()}; null if nothing is
   */
  public @Nullable String trouble() {
    Throwable refused = startFailure;
    if (refused != null) {
      return "thread "
          + name
          + " can't be started ("
          + refused
          + "); raise the limit on threads (ulimit -u, pids.max of the cgroup) or free memory";
    }
    Throwable thrown = bodyFailure;
    return thrown == null ? null : "thread " + name + " failed and goes on: " + thrown;
  }

  /**
   * How often the body threw.
   *
   * @return a count
   */
  public long failureCount() {
    return failureCount.get();
  }

  /**
   * Waits until the thread has ended; the caller has told the body to return. The thread is not
   * started again after this. An interrupt is kept for later.
   *
   * @param nanos how long to wait at the most
   * @return false if it still runs
   */
  public boolean awaitEnd(long nanos) {
    Thread running;
    synchronized (startLock) {
      running = thread;
      if (running == null || !running.isAlive()) {
        ended = true;
        return true;
      }
    }
    long end = System.nanoTime() + nanos;
    boolean interrupted = false;
    while (running.isAlive() && end - System.nanoTime() > 0) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(running, Math.max(1, end - System.nanoTime()));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !running.isAlive();
  }
}
