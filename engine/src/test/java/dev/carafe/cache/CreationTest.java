package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.carafe.Carafe;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.Health;
import dev.carafe.device.LoopDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The disk is full when the file is created. The first opening fails, and the next one succeeds
 * without manual repair (contract F7). Needs root and a loop device.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CreationTest {
  @TempDir Path directory;

  private static Carafe<Long, byte[]> open(Path file, Io io) {
    return Caches.builder(MIB).file(FileOptions.at(file, 8 * MIB).withIo(io)).build();
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "CHANNEL"})
  void openSucceedsAfterAFullDisk(Io io) throws IOException {
    try (LoopDisk disk = LoopDisk.orSkip(directory, 4)) {
      Path fresh = disk.root().resolve("fresh.carafe");
      Path empty = Files.createFile(disk.root().resolve("empty.carafe"));
      Path ballast = disk.root().resolve("ballast");
      fill(ballast);
      assertThrows(DeviceException.class, () -> open(fresh, io));
      assertThrows(DeviceException.class, () -> open(empty, io));
      assertFalse(Files.exists(fresh), "a file without content has a name");
      Files.delete(ballast);
      for (Path file : new Path[] {fresh, empty}) {
        try (Carafe<Long, byte[]> cache = open(file, io)) {
          assertEquals(Health.State.OK, Objects.requireNonNull(cache.health().file()).state());
          cache.put(1L, Caches.value(1, 1, 100));
        }
        try (Carafe<Long, byte[]> cache = open(file, io)) {
          assertArrayEquals(Caches.value(1, 1, 100), cache.getIfPresent(1L));
        }
      }
    }
  }

  private static void fill(Path ballast) throws IOException {
    try (OutputStream out = Files.newOutputStream(ballast)) {
      byte[] block = new byte[4096];
      for (; ; ) {
        out.write(block);
      }
    } catch (IOException e) {
      assertFalse(Files.size(ballast) == 0, "the disk took nothing");
    }
  }
}
