package dev.carafe.bench;

import dev.carafe.log.LogBackup;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code carafe backup}: copies a file, also while a cache writes to it. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description =
        "Copies a cache file to a new file, also while an application uses it. The copy has all"
            + " that the last flush or close before the start of this command saved. Every checksum"
            + " of the copy is verified before it gets its name.")
final class BackupCommand implements Callable<Integer> {
  private static final long STOP_SECONDS = 30;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "a cache file; an application may have it open")
  private Path file = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "TARGET",
      description = "the new file; only its owner may read and write it")
  private Path target = Path.of("");

  @Option(names = "--json", description = "print the result as JSON")
  private boolean json;

  @Option(names = "--quiet", description = "show no progress")
  private boolean quiet;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    CacheFile.requireRegular(file);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new IllegalArgumentException("TARGET " + target + " exists; use another path");
    }
    LogBackup.Copy copy = copy();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(Json.pretty(asMap(copy)));
    } else {
      out.printf("%s: copied to %s, %s; every checksum verified%n", file, target, contentOf(copy));
    }
    out.flush();
    return 0;
  }

  private static String contentOf(LogBackup.Copy copy) {
    return copy.lastSequence() < copy.firstSequence()
        ? "without a record"
        : String.format(
            Locale.ROOT,
            "extents of sequence %d to %d, %,d bytes",
            copy.firstSequence(),
            copy.lastSequence(),
            copy.logBytes());
  }

  private Map<String, Object> asMap(LogBackup.Copy copy) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("file", file.toString());
    map.put("target", target.toString());
    map.put("firstSequence", copy.firstSequence());
    map.put("lastSequence", copy.lastSequence());
    map.put("logBytes", copy.logBytes());
    map.put("passes", copy.passes());
    return map;
  }

  /** Copies the file. Ctrl-C ends the copy, which deletes the unfinished target. */
  private LogBackup.Copy copy() {
    CountDownLatch ended = new CountDownLatch(1);
    Bar bar = new Bar(quiet);
    Thread hook = new Thread(() -> stop(bar, ended), "stop backup");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return LogBackup.run(file, target, bar);
    } finally {
      bar.close();
      ended.countDown();
      if (!bar.stopped) {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
  }

  private static void stop(Bar bar, CountDownLatch ended) {
    bar.stopped = true;
    try {
      var _ = ended.await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The progress in bytes. */
  private static final class Bar implements LogBackup.Progress {
    private final boolean quiet;
    private volatile boolean stopped;
    private @Nullable Progress shown;
    private long done;

    Bar(boolean quiet) {
      this.quiet = quiet;
    }

    @Override
    public void report(long copied, long total) {
      if (stopped) {
        throw new CancellationException("the copy was stopped");
      }
      if (!quiet) {
        Progress current = shown == null ? Progress.start("backup", total) : shown;
        shown = current;
        current.total(total);
        current.step(copied - done);
        done = copied;
      }
    }

    void close() {
      if (shown != null) {
        shown.close();
      }
    }
  }
}
