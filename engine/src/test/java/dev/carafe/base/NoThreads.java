package dev.carafe.base;

import java.util.concurrent.atomic.AtomicInteger;

/** Lets starts of engine threads fail, a number of times or until this is closed. */
public final class NoThreads implements AutoCloseable {
  private final AtomicInteger left;
  private final AtomicInteger refused = new AtomicInteger();

  private NoThreads(int times) {
    this.left = new AtomicInteger(times);
  }

  /** Lets the next starts of an engine thread fail. */
  public static NoThreads times(int times) {
    NoThreads none = new NoThreads(times);
    EngineThread.beforeStart = none::start;
    return none;
  }

  /** Lets all starts of an engine thread fail. */
  public static NoThreads forNow() {
    return times(Integer.MAX_VALUE);
  }

  private void start() {
    if (left.getAndDecrement() > 0) {
      refused.incrementAndGet();
      throw new OutOfMemoryError("unable to create native thread (a test)");
    }
  }

  /** {@return the number of failed starts} */
  public int refused() {
    return refused.get();
  }

  @Override
  public void close() {
    EngineThread.beforeStart = null;
  }
}
