package dev.carafe.bench;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How far a replay is, how fast, and how long it still takes; one line on a terminal. */
final class ProgressLine implements AutoCloseable {
  private static final int WIDTH = 30;

  private final LongSupplier done;
  private final long total;
  private final PrintStream out;
  private final boolean terminal =
      Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  private final long startNanos = System.nanoTime();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread painter;

  ProgressLine(LongSupplier done, long total, PrintStream out) {
    this.done = done;
    this.total = total;
    this.out = out;
    this.painter = Thread.ofPlatform().daemon().name("progress").start(this::paint);
  }

  private void paint() {
    try {
      while (!closed.await(terminal ? 200 : 5000, TimeUnit.MILLISECONDS)) {
        out.print(line() + (terminal ? "\r" : "\n"));
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String line() {
    long now = done.getAsLong();
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    double rate = now / Math.max(1e-9, seconds);
    int filled = (int) (WIDTH * now / Math.max(1, total));
    String left = rate < 1 ? "?" : String.format(Locale.ROOT, "%.0f s", (total - now) / rate);
    return String.format(
        Locale.ROOT,
        "[%s%s] %3d %%  %,d of %,d requests, %,.0f/s, %s left   ",
        "=".repeat(filled),
        " ".repeat(WIDTH - filled),
        100 * now / Math.max(1, total),
        now,
        total,
        rate,
        left);
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      painter.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    out.println(line());
  }
}
