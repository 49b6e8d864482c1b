package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.DeviceException;
import dev.carafe.FileFormatException;
import dev.carafe.FileInUseException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.Health;
import dev.carafe.Lease;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Errors for wrong use name the cause, and change nothing (contract F4). */
final class WrongUseTest {
  @TempDir Path directory;

  private Path file() {
    return directory.resolve("cache.carafe");
  }

  private static void assertNames(Exception error, String... words) {
    for (String word : words) {
      assertTrue(
          String.valueOf(error.getMessage()).contains(word),
          () -> "expected '" + word + "' in: " + error.getMessage());
    }
  }

  @Test
  @SuppressWarnings({"NullAway", "NullArgumentForNonNullParameter"})
  void nullKeysAndValues() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      Executable[] wrong = {
        () -> cache.getIfPresent(null),
        () -> cache.get(null, key -> new byte[0]),
        () -> cache.get(1L, null),
        () -> cache.put(null, new byte[0]),
        () -> cache.put(1L, null),
        () -> cache.put(1L, 1, null),
        () -> cache.invalidate(null),
        () -> cache.read(null, MemorySegment::byteSize),
        () -> cache.read(1L, null),
        () -> cache.lease(null),
        () -> cache.asMap().get(null),
        () -> cache.asMap().put(1L, null),
      };
      for (Executable call : wrong) {
        assertThrows(NullPointerException.class, call);
      }
      assertEquals(0, cache.estimatedSize());
    }
  }

  @Test
  void codecThrowsDuringEncoding() {
    Codec<String> broken =
        new Codec<>() {
          @Override
          public int encodedBytes(String value) {
            return 100;
          }

          @Override
          public void encode(String value, MemorySegment target) {
            target.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            if (value.equals("bad")) {
              throw new UnsupportedOperationException("half-way");
            }
          }

          @Override
          public String decode(MemorySegment source) {
            return "good";
          }
        };
    try (Carafe<Long, String> cache =
        Carafe.newBuilder().keyCodec(Codec.int64()).valueCodec(broken).memory(MIB).build()) {
      cache.put(1L, "good");
      long used = cache.memoryUsage().chunkBytes();
      for (int i = 0; i < 20_000; i++) { // a leak of one chunk each would exhaust the memory
        assertThrows(UnsupportedOperationException.class, () -> cache.put(1L, "bad"));
      }
      assertEquals("good", cache.getIfPresent(1L));
      assertEquals(used, cache.memoryUsage().chunkBytes());
    }
  }

  @Test
  void loaderExceptionReachesTheCaller() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      var error =
          assertThrows(
              ArithmeticException.class,
              () ->
                  cache.get(
                      1L,
                      key -> {
                        throw new ArithmeticException("no");
                      }));
      assertEquals("no", error.getMessage());
      assertNotNull(cache.get(1L, key -> new byte[1]));
    }
  }

  @Test
  void loaderRequestsItsOwnKey() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      var error =
          assertThrows(
              IllegalStateException.class,
              () -> cache.get(1L, key -> cache.get(1L, again -> new byte[1])));
      assertNames(error, "recursive");
    }
  }

  @Test
  void capacitySmallerThanTheSmallestFile() {
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> FileOptions.at(file(), 64 * 1024).capacityBytes());
    assertNames(error, "65536", "524288");
    assertNames(
        assertThrows(IllegalArgumentException.class, () -> Caches.builder(1024)), "1024", "16384");
  }

  @Test
  void incompleteBuilder() {
    CarafeBuilder<Object, Object> builder = Carafe.newBuilder();
    assertNames(assertThrows(IllegalStateException.class, builder::build), "keyCodec");
    assertNames(
        assertThrows(
            IllegalStateException.class,
            () -> Carafe.newBuilder().keyCodec(Codec.int64()).valueCodec(Codec.bytes()).build()),
        "memory");
    assertNames(
        assertThrows(
            IllegalStateException.class,
            () ->
                Carafe.newBuilder()
                    .expireAfterWrite(Duration.ofSeconds(1))
                    .expireAfterAccess(Duration.ofSeconds(1))),
        "expireAfterAccess",
        "expireAfterWrite");
    assertThrows(
        IllegalArgumentException.class,
        () -> Carafe.newBuilder().expireAfterWrite(Duration.ofSeconds(-1)));
  }

  @Test
  void missingDirectory() {
    Path nowhere = directory.resolve("missing").resolve("cache.carafe");
    var error =
        assertThrows(
            DeviceException.class,
            () -> Caches.builder(MIB, nowhere, 8 * MIB, Io.AUTO).build().close());
    assertNames(error, nowhere.toString());
  }

  @Test
  void foreignFileIsRejectedAndUnchanged() throws IOException {
    byte[] foreign = value(1, 1, 100_000);
    Files.write(file(), foreign);
    var error =
        assertThrows(
            FileFormatException.class,
            () -> Caches.builder(MIB, file(), 8 * MIB, Io.AUTO).build().close());
    assertNames(error, file().toString());
    assertArrayEquals(foreign, Files.readAllBytes(file())); // D4
    FileOptions empty = FileOptions.at(file(), 8 * MIB).withRecovery(FileOptions.Recovery.EMPTY);
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).file(empty).build()) {
      cache.put(1L, new byte[1]);
    }
  }

  @Test
  void unusableCapacity() {
    Caches.builder(MIB, file(), 8 * MIB, Io.AUTO).build().close();
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> Caches.builder(MIB, file(), 2 * MIB, Io.AUTO).build().close());
    assertNames(error, file().toString(), "capacityBytes is 2097152");
  }

  @Test
  void fileOpenInAnotherCache() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 8 * MIB, Io.AUTO).build()) {
      for (Io io : new Io[] {Io.AUTO, Io.CHANNEL}) {
        var error =
            assertThrows(
                FileInUseException.class,
                () -> Caches.builder(MIB, file(), 8 * MIB, io).build().close());
        assertNames(error, file().toString());
      }
      cache.put(1L, new byte[1]);
    }
    Caches.builder(MIB, file(), 8 * MIB, Io.AUTO).build().close();
  }

  @Test
  void useAfterClose() {
    Carafe<Long, byte[]> cache = Caches.builder(MIB, file(), 8 * MIB, Io.AUTO).build();
    cache.put(1L, new byte[1]);
    cache.close();
    cache.close();
    Executable[] calls = {
      () -> cache.getIfPresent(1L),
      () -> cache.get(1L, key -> new byte[1]),
      () -> cache.put(1L, new byte[1]),
      () -> cache.put(1L, 1, target -> {}),
      () -> cache.read(1L, MemorySegment::byteSize),
      () -> cache.lease(1L),
      () -> cache.invalidate(1L),
      cache::invalidateAll,
      cache::flush,
      cache::cleanUp,
      () -> cache.asMap().merge(1L, new byte[1], (a, b) -> a),
    };
    for (Executable call : calls) {
      assertNames(assertThrows(IllegalStateException.class, call), "closed"); // M4
    }
    assertEquals(Health.State.CLOSED, cache.health().memory().state());
  }

  @Test
  void leaseAfterClose() {
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).build()) {
      cache.put(1L, new byte[] {7});
      Lease lease = cache.lease(1L);
      assertNotNull(lease);
      MemorySegment bytes = lease.segment();
      cache.invalidate(1L);
      assertEquals(7, bytes.get(ValueLayout.JAVA_BYTE, 0)); // M1: it outlives the value
      lease.close();
      lease.close();
      assertThrows(IllegalStateException.class, () -> bytes.get(ValueLayout.JAVA_BYTE, 0));
      assertThrows(IllegalStateException.class, lease::segment); // M2
    }
  }

  @Test
  void leaseAfterTheCacheIsClosed() {
    Carafe<Long, byte[]> cache = Caches.builder(MIB).build();
    cache.put(1L, new byte[] {7});
    Lease lease = cache.lease(1L);
    assertNotNull(lease);
    cache.close();
    assertEquals(7, lease.segment().get(ValueLayout.JAVA_BYTE, 0));
    lease.close();
  }
}
