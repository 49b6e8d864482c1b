package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import java.nio.file.Path;
import java.util.Objects;

/** Stores, their caches and checks that the tests of stores share. */
final class Stores {
  private Stores() {}

  static CarafeStore open(Path directory) {
    return open(directory, Io.AUTO);
  }

  static CarafeStore open(Path directory, Io io) {
    FileOptions file = FileOptions.at(directory.resolve("s.carafe"), 64 * MIB).withIo(io);
    return CarafeStore.newBuilder().memory(4 * MIB).file(file).build();
  }

  static Carafe<Long, byte[]> numbers(CarafeStore store, String name) {
    return store.cache(name, Codec.int64(), Codec.bytes()).build();
  }

  static Carafe<String, String> texts(CarafeStore store, String name) {
    return store.cache(name, Codec.utf8(), Codec.utf8()).build();
  }

  /** Returns the hits in memory of a cache. */
  static long hits(CarafeStore store, String name) {
    return Objects.requireNonNull(store.tierStatsByCache().get(name)).memory().hits();
  }

  static void assertMessage(String part, Exception refused) {
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(part), message);
  }
}
