package dev.carafe.base;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what application code threw where nothing can propagate it, and logs the first of each
 * kind (contract F5). A kind is a place and a class of exception.
 *
 * <p>Thread-safe. {@link #report} throws nothing, so that a handler can call it at any moment.
 */
public final class ErrorLog {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final int MAX_KINDS = 64;

  private final AtomicLong count = new AtomicLong();
  private final Set<String> logged = ConcurrentHashMap.newKeySet();

  /** Nothing was thrown yet. */
  public ErrorLog() {}

  /**
   * Takes an exception that is swallowed.
   *
   * @param what which code threw it, and what happens instead
   * @param error what it threw
   */
  public void report(String what, Throwable error) {
    count.getAndIncrement();
    try {
      if (logged.size() < MAX_KINDS && logged.add(what + error.getClass().getName())) {
        LOG.log(Level.WARNING, what + "; further ones are only counted", error);
      }
    } catch (Throwable noLog) {
      // no memory or stack is left to log with, or the log's handler throws; it is counted
    }
  }

  /**
   * How many were reported.
   *
   * @return a count
   */
  public long count() {
    return count.get();
  }
}
