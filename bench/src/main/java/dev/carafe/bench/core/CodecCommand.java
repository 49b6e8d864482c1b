package dev.carafe.bench.core;

import com.esotericsoftware.kryo.kryo5.Kryo;
import dev.carafe.bench.Page;
import dev.carafe.bench.versus.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.fory.Fory;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.ObjectMapper;

/** {@code bench codecs}: measures the codecs and writes a table. */
@Command(
    name = "codecs",
    mixinStandardHelpOptions = true,
    description = "Measures time, heap allocation and encoded size of each codec.")
public final class CodecCommand implements Callable<Integer> {
  private static final List<String> SIZES = List.of("small", "large");

  @Option(names = "--quick", description = "one fork and short iterations, for a first estimate")
  private boolean quick;

  @Option(
      names = "--record",
      paramLabel = "PAGE",
      description = "write the table into this page, between its markers")
  private @Nullable Path record;

  /** Creates the command. */
  public CodecCommand() {}

  @Override
  public Integer call() throws RunnerException, IOException {
    Page page = record == null ? null : Page.of(record, "codecs", "bench codecs");
    Map<String, Figure> figures = new HashMap<>();
    run(List.of("bytes", "utf8", "kryo", "fory"), 3, figures);
    run(List.of("jackson", "java"), 10, figures); // the JIT compiler needs longer for these
    String table = table(figures);
    System.out.print(table);
    if (page != null) {
      page.write(table);
    }
    return 0;
  }

  private void run(List<String> codecs, int warmups, Map<String, Figure> figures)
      throws RunnerException {
    TimeValue window = TimeValue.milliseconds(quick ? 100 : 500);
    var options =
        new OptionsBuilder()
            .include(CodecBench.class.getName())
            .param("codec", codecs.toArray(String[]::new))
            .forks(quick ? 1 : 2)
            .jvmArgsAppend("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC")
            .warmupTime(window)
            .warmupIterations(warmups)
            .measurementTime(window)
            .measurementIterations(3)
            .addProfiler("gc")
            .shouldFailOnError(true);
    for (RunResult result : new Runner(options.build()).run()) {
      Figure figure = Figure.of(result, "codec");
      figures.put(figure.contender() + ", " + figure.setting(), figure);
    }
  }

  private static String table(Map<String, Figure> figures) {
    StringBuilder out = new StringBuilder(head());
    out.append("\n| value | codec | encoded | encode | decode | heap, encode | heap, decode |\n");
    out.append("|---|---|---:|---:|---:|---:|---:|\n");
    for (String size : SIZES) {
      for (String codec : CodecSample.CODECS) {
        Figure encode = figure(figures, codec, "encode", size);
        Figure decode = figure(figures, codec, "decode", size);
        out.append(
            String.format(
                Locale.ROOT,
                "| %s | `%s` | %,d B | %s | %s | %,.0f B | %,.0f B |%n",
                size,
                codec,
                CodecSample.of(codec, size).bytes(),
                nanos(encode),
                nanos(decode),
                encode.heapBytesPerOp(),
                decode.heapBytesPerOp()));
      }
    }
    return out.toString();
  }

  private static String head() {
    List<String> versions =
        Stream.of(Kryo.class, Fory.class, ObjectMapper.class).map(CodecCommand::jar).toList();
    return Machine.sentence(List.of())
        + "\n"
        + String.join(", ", versions)
        + ".\nMeans over forks, with the lowest and the highest iteration in brackets.\n";
  }

  /** The name of the jar, which contains the version. */
  private static String jar(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    String path = source == null ? type.getName() : source.getLocation().getPath();
    return path.substring(path.lastIndexOf('/') + 1).replaceAll("\\.jar$", "");
  }

  private static Figure figure(
      Map<String, Figure> figures, String codec, String method, String size) {
    String name = codec + ", " + method + ", size " + size + ", 1 thread(s)";
    return Objects.requireNonNull(figures.get(name), name);
  }

  private static String nanos(Figure figure) {
    return String.format(
        Locale.ROOT, "%,.0f ns (%,.0f…%,.0f)", figure.score(), figure.low(), figure.high());
  }
}
