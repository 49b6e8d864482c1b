package dev.carafe.base;

import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A daemon thread that the engine needs at all times (contract F6). It is started on first use. If
 * the system refuses to start it, a later call of {@link #isRunning} tries again. If the body
 * throws any Throwable, the thread logs it, pauses and runs the body again.
 *
 * <p>Thread-safe. No method throws.
 */
public final class EngineThread {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final UninterruptibleWait.Wait<Thread> END =
      (thread, _, nanos) -> {
        TimeUnit.NANOSECONDS.timedJoin(thread, nanos);
        return !thread.isAlive();
      };

  /**
   * For tests: called before a thread is started. If it throws, the start counts as refused by the
   * system.
   */
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
  private long pauseNanos = FIRST_PAUSE_NANOS; // used by the thread only

  /**
   * Creates a thread that is not started yet.
   *
   * @param name name of the thread
   * @param body the thread's loop; it returns only when the thread must end, and is called again if
   *     it throws
   */
  public EngineThread(String name, Runnable body) {
    this.name = name;
    this.body = body;
  }

  /**
   * Starts the thread unless it runs. After a refused start, a new attempt is made after 100 ms at
   * the earliest, so that frequent calls are cheap.
   *
   * @return false if the thread does not run, because the system refused to start it or the body
   *     has returned
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
        thread = fresh; // not before start(): a thread that the system refused never runs
        startFailure = null;
        return true;
      } catch (Throwable e) {
        boolean first = startFailure == null;
        startFailure = e;
        retryAtNanos = System.nanoTime() + RETRY_NANOS;
        if (first) {
          log(" can't be started; operations that need it fail until a later attempt succeeds", e);
        }
        return false;
      }
    }
  }

  /**
   * Creates a daemon thread for a pool.
   *
   * @param name name of the thread
   * @param body the thread's code
   * @return a thread that is not started yet
   */
  public static Thread daemon(String name, Runnable body) {
    Runnable hook = beforeStart;
    if (hook != null) {
      hook.run();
    }
    return Thread.ofPlatform().daemon().name(name).unstarted(body);
  }

  private void run() {
    thread = Thread.currentThread(); // the body may call isCurrent()
    while (!ended) {
      try {
        body.run();
        ended = true;
      } catch (Throwable e) {
        try {
          onFailure(e);
        } catch (Throwable again) {
          bodyFailure = again; // no memory for a log record; the body runs again
        }
      }
    }
  }

  private void onFailure(Throwable e) {
    boolean first = bodyFailure == null;
    bodyFailure = e;
    failureCount.incrementAndGet();
    if (first) {
      log(" failed and runs again", e);
    }
    boolean interrupted = Thread.interrupted(); // an interrupted thread does not park
    LockSupport.parkNanos(interrupted ? FIRST_PAUSE_NANOS : pauseNanos);
    pauseNanos = Math.min(LONGEST_PAUSE_NANOS, 2 * pauseNanos);
  }

  private void log(String what, Throwable e) {
    try {
      LOG.log(Level.ERROR, "thread " + name + what, e);
    } catch (Throwable noLog) {
      // the failure is counted, and failure() reports it
    }
  }

  /**
   * Called by the body after each successful round; it clears the failure that {@link #failure}
   * reports.
   */
  public void recordSuccess() {
    if (bodyFailure != null) {
      bodyFailure = null;
      pauseNanos = FIRST_PAUSE_NANOS;
    }
  }

  /**
   * Returns whether the caller runs on this thread.
   *
   * @return true in the body
   */
  public boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /** Unparks the thread if it was started. */
  public void unpark() {
    LockSupport.unpark(thread);
  }

  /**
   * Describes why the thread does not work at the moment.
   *
   * @return one sentence for {@code health()}; null if the thread works or was not needed yet
   */
  public @Nullable String failure() {
    Throwable refused = startFailure;
    if (refused != null) {
      return "thread "
          + name
          + " can't be started ("
          + refused
          + "); raise the limit on threads (ulimit -u, pids.max of the cgroup) or free memory";
    }
    Throwable thrown = bodyFailure;
    return thrown == null ? null : "thread " + name + " failed and runs again: " + thrown;
  }

  /**
   * Returns the number of times that the body threw.
   *
   * @return a count
   */
  public long failureCount() {
    return failureCount.get();
  }

  /**
   * Waits until the thread has ended. The caller must have asked the body to return. The thread is
   * not started again. An interrupt does not end the wait; the interrupt status is restored
   * afterwards.
   *
   * @param nanos longest wait in nanoseconds
   * @return false if the thread still runs
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
    return UninterruptibleWait.await(running, 0, nanos, END);
  }
}
