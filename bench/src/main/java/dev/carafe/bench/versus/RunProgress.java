package dev.carafe.bench.versus;

import dev.carafe.bench.fork.Cell;
import java.io.Console;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Shows the running cell and the remaining time. */
final class RunProgress implements AutoCloseable {
  private final boolean terminal =
      Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  private final int total;
  private final CountDownLatch closed = new CountDownLatch(1);

  private double expectedLeft;
  private double expectedDone;
  private double tookDone;
  private int done;
  private String running = "";

  RunProgress(List<Cell> cells) {
    this.total = cells.size();
    this.expectedLeft = cells.stream().mapToDouble(cell -> cell.real("expectedSeconds")).sum();
    if (terminal) {
      Thread.ofPlatform().daemon().name("progress").start(this::paint);
    }
  }

  private void paint() {
    try {
      while (!closed.await(500, TimeUnit.MILLISECONDS)) {
        System.err.print("\r" + line() + "\033[K");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  synchronized void starts(Cell cell) {
    running = cell.id();
    if (!terminal) {
      System.err.println(line());
    }
  }

  synchronized void ends(Cell cell, double seconds, String verdict) {
    done++;
    expectedLeft -= cell.real("expectedSeconds");
    expectedDone += cell.real("expectedSeconds");
    tookDone += seconds;
    if (!verdict.isEmpty()) {
      System.err.println((terminal ? "\r\033[K" : "") + cell.id() + ": " + verdict);
    }
  }

  private synchronized String line() {
    double factor = expectedDone == 0 ? 1 : tookDone / expectedDone;
    double left = Math.max(0, expectedLeft * factor);
    String words =
        left < 90
            ? String.format(Locale.ROOT, "%.0f s", left)
            : String.format(Locale.ROOT, "%.0f min", left / 60);
    return String.format(Locale.ROOT, "[%d/%d] %s … %s left", done + 1, total, running, words);
  }

  @Override
  public void close() {
    closed.countDown();
    if (terminal) {
      System.err.print("\r\033[K");
    }
  }
}
