package dev.carafe.bench;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code carafe replay}: replays a trace, verifies every hit, and reopens the cache. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description =
        "Replays a trace through a cache with a file and verifies every hit byte for byte. Then"
            + " closes and reopens the cache and counts the hits of the last requests.")
final class ReplayCommand implements Callable<Integer> {
  private static final String DEFAULT_TRACE = "clickbench_q00_q22.csv.gz";
  private static final double DEFAULT_SCALE = 0.125;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TRACE",
      description =
          "a trace (CSV, may be gzipped); default: the ClickBench trace of the sources, in"
              + " bench/traces, at scale 1/8")
  private @Nullable Path trace;

  @Option(
      names = "--memory",
      converter = ByteSize.Converter.class,
      defaultValue = "5%",
      description =
          "memory for values: 64m, 1g, or a percentage of the unique bytes (${DEFAULT-VALUE})")
  private ByteSize memory = new ByteSize(0, 5);

  @Option(
      names = "--file",
      converter = ByteSize.Converter.class,
      defaultValue = "120%",
      description = "capacity of the file, in the same form (${DEFAULT-VALUE})")
  private ByteSize file = new ByteSize(0, 120);

  @Option(names = "--dir", description = "directory of the file; default: a temporary directory")
  private @Nullable Path dir;

  @Option(names = "--scale", description = "factor for all value sizes")
  private @Nullable Double scale;

  @Option(
      names = "--key-only-size",
      defaultValue = "4096",
      description =
          "value sizes for traces without sizes: bytes, kvcache_reg, kvcache_l2_reg"
              + " (${DEFAULT-VALUE})")
  private String keyOnlySize = "4096";

  @Option(
      names = "--threads",
      defaultValue = "1",
      description = "number of replay threads (${DEFAULT-VALUE})")
  private int threads = 1;

  @Option(
      names = "--io",
      defaultValue = "auto",
      description = "I/O of the file: auto, fixed, uring or channel (${DEFAULT-VALUE})")
  private String io = "auto";

  @Option(names = "--limit", description = "maximum number of requests")
  private int limit = Integer.MAX_VALUE;

  @Mixin private FillOptions fill = new FillOptions();

  @Mixin private ReplayOutput output = new ReplayOutput();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (threads < 1 || limit < 1 || (scale != null && scale <= 0)) {
      throw new IllegalArgumentException("--threads, --limit and --scale must be positive");
    }
    FileOptions.Io chosenIo = chosenIo();
    Path source = trace == null ? shipped() : trace;
    if (!Files.isRegularFile(source)) {
      throw new IllegalArgumentException(
          trace == null
              ? "give a TRACE: the one in bench/traces of the sources is not at " + source
              : "TRACE " + source + " is not a file");
    }
    double chosenScale = scale != null ? scale : trace == null ? DEFAULT_SCALE : 1;
    PrintStream messages =
        output.quiet() ? new PrintStream(PrintStream.nullOutputStream()) : System.err;
    messages.println("reading " + source.getFileName() + " …");
    Trace read =
        Trace.read(source, new Trace.Reading(limit, chosenScale, KeyOnlySizes.of(keyOnlySize)));
    Setup setup =
        new Setup(
            source.getFileName().toString(),
            chosenScale,
            threads,
            fill,
            output.curve(),
            Math.max(memory.of(read.uniqueBytes()), 16 * 1024),
            Math.max(file.of(read.uniqueBytes()), FileOptions.MIN_CAPACITY_BYTES));
    try (TemporaryDirectory temporary =
        dir == null ? TemporaryDirectory.create("carafe-replay") : null) {
      Path home = temporary == null ? Objects.requireNonNull(dir) : temporary.path();
      FileOptions options =
          FileOptions.at(home.resolve("replay.carafe"), setup.fileBytes())
              .withIo(chosenIo)
              .withRecovery(FileOptions.Recovery.EMPTY);
      ReplayResult result = run(read, setup, options, messages);
      System.out.print(output.json() ? Json.pretty(ReplayJson.of(result)) : ReplayTable.of(result));
      return result.wrong() == 0 ? 0 : 1;
    }
  }

  private FileOptions.Io chosenIo() {
    return switch (io) {
      case "auto" -> FileOptions.Io.AUTO;
      case "fixed" -> FileOptions.Io.FIXED_BUFFERS;
      case "uring" -> FileOptions.Io.URING;
      case "channel" -> FileOptions.Io.CHANNEL;
      default ->
          throw new IllegalArgumentException(
              "--io is '" + io + "': expected auto, fixed, uring or channel");
    };
  }

  private static Path shipped() {
    return Path.of(System.getProperty("carafe.traces", "bench/traces")).resolve(DEFAULT_TRACE);
  }

  /** The parameters of a replay. */
  record Setup(
      String trace,
      double scale,
      int threads,
      FillOptions fill,
      boolean curve,
      long memoryBytes,
      long fileBytes) {
    String describe() {
      return "%s, sizes × %s, %d thread(s), a miss is %s, persist %s within %s"
          .formatted(
              trace,
              scale,
              threads,
              fill.puts() ? "put" : "loaded",
              fill.persist(),
              fill.persistWithin());
    }
  }

  private ReplayResult.Traffic replay(Replay replay, Trace trace, Carafe<String, byte[]> cache)
      throws InterruptedException {
    long start = System.nanoTime();
    Replay.Counts counts;
    if (output.quiet()) {
      counts = replay.run(requests -> {});
    } else {
      try (Progress progress = Progress.start("replay", trace.requests())) {
        counts = replay.run(progress::step);
      }
    }
    return ReplayResult.Traffic.of(counts, System.nanoTime() - start, cache);
  }

  private ReplayResult run(Trace trace, Setup setup, FileOptions options, PrintStream messages)
      throws InterruptedException {
    GcPauses gc = new GcPauses();
    ReplayResult.Traffic traffic;
    ReplayResult.HeapUse heap;
    try (Carafe<String, byte[]> cache = open(setup, options)) {
      Replay replay = new Replay(trace, cache, setup.threads(), setup.fill().puts());
      traffic = replay(replay, trace, cache);
      heap = new ReplayResult.HeapUse(gc.totalMillis(), gc.longestMillis(), GcPauses.heapBytes());
      messages.println("closing …");
    }
    messages.println("reopening, and replaying the last requests …");
    ReplayResult.Reopening reopening;
    long start = System.nanoTime();
    try (Carafe<String, byte[]> cache =
        open(setup, options.withRecovery(FileOptions.Recovery.SKIP_DAMAGED))) {
      long openNanos = System.nanoTime() - start;
      reopening = ReplayResult.Reopening.of(trace, openNanos, cache);
    }
    messages.println("replaying with Caffeine and the same number of value bytes …");
    long plainHits = PlainCaffeine.hits(trace, setup.memoryBytes());
    return new ReplayResult(trace, setup, traffic, heap, reopening, plainHits);
  }

  private static Carafe<String, byte[]> open(Setup setup, FileOptions options) {
    CarafeBuilder<String, byte[]> builder =
        Carafe.newBuilder()
            .keyCodec(Codec.utf8())
            .valueCodec(Codec.bytes())
            .memory(setup.memoryBytes())
            .file(options.withPersist(setup.fill().persist()))
            .persistWithin(setup.fill().persistWithin())
            // as for Caffeine: maintenance on another thread falls behind a replay
            .executor(Runnable::run);
    return (setup.curve() ? builder.recordMissRatioCurve() : builder).build();
  }
}
