package dev.carafe.base;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts exceptions of application code that can't be propagated to a caller, and logs the first of
 * each kind (contract F5). A kind is a call site and an exception class.
 *
 * <p>Thread-safe. {@link #report} throws nothing, so exception handlers can call it.
 */
public final class ErrorLog {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final int MAX_KINDS = 64;

  private final AtomicLong count = new AtomicLong();
  private final Set<String> logged = ConcurrentHashMap.newKeySet();

  /** Creates a log without reports. */
  public ErrorLog() {}

  /**
   * Reports an exception that is not propagated.
   *
   * @param what the code that threw it, and the consequence
   * @param error the exception
   */
  public void report(String what, Throwable error) {
    count.getAndIncrement();
    try {
      if (logged.size() < MAX_KINDS && logged.add(what + error.getClass().getName())) {
        LOG.log(Level.WARNING, what + "; further ones are only counted", error);
      }
    } catch (Throwable noLog) {
      // no memory or stack is left for a log record, or the log's handler threw; it is counted
    }
  }

  /**
   * Returns the number of reports.
   *
   * @return a count
   */
  public long count() {
    return count.get();
  }
}
