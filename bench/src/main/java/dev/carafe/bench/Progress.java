package dev.carafe.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a command on standard error: a bar as wide as the terminal, or, if standard error
 * is not a terminal, a line every 5 seconds.
 */
public final class Progress implements AutoCloseable {
  private static final int BAR_MILLIS = 200;
  private static final int LINE_MILLIS = 5000;
  private static final int LINE_COLUMNS = 100;
  private static final int DEFAULT_COLUMNS = 80;
  private static final int MIN_COLUMNS = 20;

  private final PrintStream out;
  private final @Nullable Terminal terminal;
  private final ProgressBarConsumer consumer;
  private final ProgressBar bar;

  private Progress(
      PrintStream out,
      @Nullable Terminal terminal,
      ProgressBarConsumer consumer,
      ProgressBarBuilder builder) {
    this.out = out;
    this.terminal = terminal;
    this.consumer = consumer;
    this.bar = builder.setConsumer(consumer).build();
  }

  /** What is counted, and how the remaining time is estimated. */
  private record Task(String name, long total, @Nullable Supplier<Duration> remaining) {
    ProgressBarBuilder builder() {
      DecimalFormatSymbols symbols = DecimalFormatSymbols.getInstance(Locale.ROOT);
      ProgressBarBuilder builder =
          new ProgressBarBuilder()
              .setTaskName(name)
              .setInitialMax(total)
              .setStyle(ProgressBarStyle.ASCII);
      return remaining == null
          ? builder.showSpeed(new DecimalFormat("#,##0", symbols))
          : builder.setEtaFunction(state -> Optional.of(remaining.get()));
    }
  }

  /**
   * Starts the progress of a task. The remaining time follows from the speed.
   *
   * @param name the name of the task
   * @param total the number of steps
   * @return the progress
   */
  public static Progress start(String name, long total) {
    return start(new Task(name, total, null));
  }

  /**
   * Starts the progress of a task.
   *
   * @param name the name of the task
   * @param total the number of steps
   * @param remaining estimates the remaining time
   * @return the progress
   */
  public static Progress start(String name, long total, Supplier<Duration> remaining) {
    return start(new Task(name, total, remaining));
  }

  private static Progress start(Task task) {
    Terminal terminal = openTerminal();
    return terminal == null
        ? lines(task, System.err)
        : bar(task, System.err, terminal, terminal::getWidth);
  }

  /** A bar on a terminal with a given number of columns. */
  static Progress bar(String name, long total, PrintStream out, IntSupplier columns) {
    return bar(new Task(name, total, null), out, null, columns);
  }

  private static Progress bar(
      Task task, PrintStream out, @Nullable Terminal terminal, IntSupplier columns) {
    ProgressBarBuilder builder =
        task.builder().setUpdateIntervalMillis(BAR_MILLIS).continuousUpdate();
    return new Progress(out, terminal, new TerminalConsumer(out, columns), builder);
  }

  private static Progress lines(Task task, PrintStream out) {
    ProgressBarConsumer consumer = new DelegatingProgressBarConsumer(out::println, LINE_COLUMNS);
    return new Progress(out, null, consumer, task.builder().setUpdateIntervalMillis(LINE_MILLIS));
  }

  /** Keeps the signal handlers of the JVM, so that Ctrl-C runs its shutdown hooks. */
  private static @Nullable Terminal openTerminal() {
    try {
      return TerminalBuilder.builder()
          .provider("ffm")
          .systemOutput(TerminalBuilder.SystemOutput.SysErr)
          .nativeSignals(false)
          .dumb(false)
          .build();
    } catch (IOException | IllegalStateException e) {
      return null; // standard error is not a terminal
    }
  }

  /** Draws the bar in the line of the cursor and leaves the last column free. */
  private static final class TerminalConsumer extends ConsoleProgressBarConsumer {
    private final IntSupplier columns;
    private boolean closed;

    TerminalConsumer(PrintStream out, IntSupplier columns) {
      super(out);
      this.columns = columns;
    }

    @Override
    public int getMaxRenderedLength() {
      int width = columns.getAsInt();
      return (width < MIN_COLUMNS ? DEFAULT_COLUMNS : width) - 1;
    }

    /** Ends the line once. The bar does not close its consumer if it was never drawn. */
    @Override
    public void close() {
      if (!closed) {
        closed = true;
        super.close();
      }
    }
  }

  /**
   * Counts completed steps.
   *
   * @param steps the number of steps
   */
  public void step(long steps) {
    bar.stepBy(steps);
  }

  /**
   * Changes the number of steps.
   *
   * @param total the number of steps
   */
  void total(long total) {
    bar.maxHint(total);
  }

  /**
   * Shows a text after the bar, if the line has space for it.
   *
   * @param text the text
   */
  public void show(String text) {
    bar.setExtraMessage(text);
  }

  /**
   * Prints a line above the bar.
   *
   * @param text the line
   */
  public void print(String text) {
    out.println((consumer instanceof TerminalConsumer ? "\r\033[K" : "") + text);
  }

  @Override
  public void close() {
    bar.close();
    consumer.close();
    try {
      if (terminal != null) {
        terminal.close();
      }
    } catch (IOException e) {
      print("carafe: cannot close the terminal: " + e.getMessage());
    }
  }
}
