package dev.carafe.bench;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The training run for the JDK's AOT cache. {@code bench/carafe} runs it once after a build. */
@Command(
    name = "train",
    hidden = true,
    description = "Writes the file of a small cache, reopens it, inspects it and verifies it.")
final class TrainCommand implements Callable<Integer> {
  private static final int ENTRIES = 20_000;
  private static final int REOPENINGS = 20;
  private static final int VALUE_BYTES = 100;
  private static final long MEMORY_BYTES = 1L << 20;
  private static final long FILE_BYTES = 16L << 20;

  @Override
  public Integer call() throws Exception {
    try (TemporaryDirectory directory = TemporaryDirectory.create("carafe-train-")) {
      Path file = directory.path().resolve("train.carafe");
      try (Carafe<Long, byte[]> cache = open(file)) {
        for (long key = 0; key < ENTRIES; key++) {
          cache.put(key, new byte[VALUE_BYTES]);
        }
      }
      for (int i = 0;
          i < REOPENINGS;
          i++) { // enough for the profile to cover the loops of recovery
        try (Carafe<Long, byte[]> cache = open(file)) {
          if (cache.getIfPresent((long) i) == null) {
            throw new IllegalStateException("key " + i + " is not in " + file);
          }
        }
      }
      int inspected = Main.run("inspect", file.toString());
      return inspected == 0 ? Main.run("verify", file.toString()) : inspected;
    }
  }

  private static Carafe<Long, byte[]> open(Path file) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(Codec.bytes())
        .memory(MEMORY_BYTES)
        .file(FileOptions.at(file, FILE_BYTES))
        .build();
  }
}
