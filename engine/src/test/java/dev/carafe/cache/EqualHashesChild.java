package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Uses a cache in a JVM in which the hashes of all keys have the same first word. Argument: a
 * directory.
 */
final class EqualHashesChild {
  private static final int KEYS = 500;

  private final Map<String, String> model = new HashMap<>();
  private final SplittableRandom random = new SplittableRandom(3);

  public static void main(String[] arguments) throws Exception {
    new EqualHashesChild().run(Path.of(arguments[0]));
    System.out.println("all are there");
  }

  private static Carafe<String, String> open(Path file) {
    return Carafe.newBuilder()
        .keyCodec(Codec.utf8())
        .valueCodec(Codec.utf8())
        .memory(64 << 10)
        .file(FileOptions.at(file, 8 << 20).withIo(Io.CHANNEL))
        .build();
  }

  private void run(Path folder) throws Exception {
    Path file = folder.resolve("equal.carafe");
    Path cut = folder.resolve("cut.carafe");
    try (Carafe<String, String> cache = open(file)) {
      for (int round = 0; round < 60; round++) { // about 20 MB, so that the log wraps around
        change(cache, KEYS / 2);
      }
      check(cache);
      cache.flush();
      Files.copy(file, cut); // as a crash leaves it: the newest extent has no directory
      require(cache.tierStats().file().records() == model.size(), "records " + cache.tierStats());
    }
    try (Carafe<String, String> cache = open(file)) {
      check(cache);
    }
    try (Carafe<String, String> cache = open(cut)) {
      check(cache);
      change(cache, KEYS);
      check(cache);
    }
  }

  private void change(Carafe<String, String> cache, int count) {
    for (int i = 0; i < count; i++) {
      String key = "key " + random.nextInt(KEYS);
      if (random.nextInt(4) == 0) {
        cache.invalidate(key);
        model.remove(key);
      } else {
        byte[] bytes = new byte[1000];
        random.nextBytes(bytes);
        String value = key + ": " + HexFormat.of().formatHex(bytes);
        cache.put(key, value);
        model.put(key, value);
      }
    }
  }

  private void check(Carafe<String, String> cache) {
    for (int i = 0; i < KEYS; i++) {
      String key = "key " + i;
      String expected = model.get(key);
      String found = cache.getIfPresent(key);
      require(
          expected == null ? found == null : expected.equals(found),
          key + " has " + found + " and not " + expected);
    }
    require(cache.asMap().keySet().equals(model.keySet()), "the keys that are shown");
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }
}
