package dev.carafe.bench;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.base.Bits;
import dev.carafe.log.Geometry;
import dev.carafe.log.Reclaimer;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.RecordLayout;
import dev.carafe.tier.EntryWeigher;
import dev.carafe.tier.RecentReads;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code carafe size}: how much memory and disk a cache takes. */
@Command(
    name = "size",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Computes the file that keeps a number of values, and the memory that a cache with this"
            + " file takes: heap, values, index and buffers. The buffers are those of a real cache"
            + " that this command opens.")
final class SizeCommand implements Callable<Integer> {
  /** The header of a chunk, and the share that stays free. */
  private static final int CHUNK_HEADER_BYTES = 8;

  /** The most that a record takes in the index of the file, and the bytes of an empty index. */
  private static final int INDEX_BYTES = 50;

  private static final long MIN_MEMORY_BYTES = 1 << 20;

  /** A new file takes values of up to a fifth of a small memory, and their headers. */
  private static final int MEMORY_OF_VALUE = 6;

  private static final int MIN_INDEX_BYTES = 64 * 64 * 20;

  @Option(names = "--entries", required = true, description = "the number of values to keep")
  private long entries;

  @Option(
      names = "--value",
      required = true,
      converter = ByteSize.Converter.class,
      description = "the average length of a value, such as 1000 or 4k")
  private ByteSize value = new ByteSize(0, -1);

  @Option(
      names = "--key",
      converter = ByteSize.Converter.class,
      defaultValue = "20",
      description = "the average length of an encoded key (${DEFAULT-VALUE})")
  private ByteSize key = new ByteSize(0, -1);

  @Option(
      names = "--memory",
      converter = ByteSize.Converter.class,
      defaultValue = "10%",
      description = "memory for values: 64m, 1g, or a percentage of all values (${DEFAULT-VALUE})")
  private ByteSize memory = new ByteSize(0, 0);

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    long valueBytes = value.of(0);
    long keyBytes = key.of(0);
    if (entries < 1 || valueBytes < 1 || keyBytes < 1) {
      throw new IllegalArgumentException("--entries, --value and --key must be positive");
    }
    long record =
        Bits.roundUp(RecordLayout.HEADER_BYTES + keyBytes + valueBytes, RecordLayout.ALIGNMENT)
            + DirectoryLayout.ENTRY.byteSize();
    long chunk = Bits.roundUp(CHUNK_HEADER_BYTES + keyBytes + valueBytes, Long.BYTES);
    long least = Math.max(MIN_MEMORY_BYTES, MEMORY_OF_VALUE * valueBytes);
    long memoryBytes = Math.max(least, memory.of(Math.multiplyExact(entries, chunk)));
    Geometry file = fileOf(Math.multiplyExact(entries, record), valueBytes, memoryBytes);
    Map<String, Long> parts = new LinkedHashMap<>();
    long resident = Math.min(entries, memoryBytes / chunk);
    parts.put("heap", resident * EntryWeigher.HEAP_BYTES);
    parts.putAll(measured(memoryBytes, file.capacityBytes()));
    parts.put(
        "recentReads", resident < RecentReads.MIN_ENTRIES ? 0 : resident * RecentReads.ENTRY_BYTES);
    parts.put("fileIndex", Math.max(MIN_INDEX_BYTES, entries * INDEX_BYTES));
    print(memoryBytes, file, parts);
    return 0;
  }

  /** The smallest file whose reclamation discards none of these bytes. */
  private static Geometry fileOf(long recordBytes, long valueBytes, long memoryBytes) {
    long low = FileOptions.MIN_CAPACITY_BYTES;
    long high = low;
    while (!fits(Geometry.of(high, memoryBytes), recordBytes, valueBytes)) {
      low = high;
      high = Math.multiplyExact(high, 2);
    }
    while (high - low > low / 1000 + 1) {
      long middle = low + (high - low) / 2;
      boolean fits = fits(Geometry.of(middle, memoryBytes), recordBytes, valueBytes);
      low = fits ? low : middle;
      high = fits ? middle : high;
    }
    return Geometry.of(high, memoryBytes);
  }

  private static boolean fits(Geometry file, long recordBytes, long valueBytes) {
    return Reclaimer.maxLiveBytes(file) >= recordBytes && file.maxValueBytes() >= valueBytes;
  }

  /** The native memory of an empty cache, without the index of its file. */
  private static Map<String, Long> measured(long memoryBytes, long fileBytes) throws IOException {
    try (TemporaryDirectory directory = TemporaryDirectory.create("carafe-size");
        Carafe<Long, byte[]> cache =
            Carafe.newBuilder()
                .keyCodec(Codec.int64())
                .valueCodec(Codec.bytes())
                .memory(memoryBytes)
                .file(
                    FileOptions.at(directory.path().resolve("size.carafe"), fileBytes)
                        .withIo(FileOptions.Io.CHANNEL))
                .build()) {
      Map<String, Long> usage = new LinkedHashMap<>(cache.memoryUsage().bytesByTag());
      usage.remove("fileIndex");
      return usage;
    }
  }

  private void print(long memoryBytes, Geometry file, Map<String, Long> parts) {
    long process = parts.values().stream().mapToLong(Long::longValue).sum();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("memoryBytes", memoryBytes);
      map.put("fileBytes", file.capacityBytes());
      map.put("maxValueBytes", file.maxValueBytes());
      map.put("processBytes", process);
      map.put("parts", parts);
      out.print(Json.pretty(map));
    } else {
      line(
          out,
          "%,d values: .memory(%d).file(path, %d)",
          entries,
          memoryBytes,
          file.capacityBytes());
      line(
          out,
          "  %-14s %,18d B  on disk; a value has at most %,d B",
          "file",
          file.capacityBytes(),
          file.maxValueBytes());
      parts.forEach((name, bytes) -> line(out, "  %-14s %,18d B", name, bytes));
      line(out, "  %-14s %,18d B  of the process, besides the application", "sum", process);
    }
    out.flush();
  }

  private static void line(PrintWriter out, String form, Object... values) {
    out.println(String.format(Locale.ROOT, form, values));
  }
}
