package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.CarafeException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.FileOptions.Overload;
import dev.carafe.device.Devices;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** D7 on a real file, on each device: the capacity changes while the file is open. */
@Timeout(120)
class OpenFileResizeTest {
  private static final long MIB = 1 << 20;
  private static final int KEYS = 200;
  private static final int VALUE_BYTES = 20_000; // 4 MB

  @TempDir Path directory;

  private FileTier open(Path file, long capacityBytes, Io io) {
    FileOptions options = FileOptions.at(file, capacityBytes).withIo(io);
    try {
      return FileTier.open(
          FileTierOptions.of(options, () -> 0),
          buffers -> Devices.open(file, io, buffers),
          new SimTier.NoChunks());
    } catch (CarafeException e) {
      return Assumptions.abort("the device is not available: " + e.getMessage());
    }
  }

  private static FileKey key(FileTier tier, long key) {
    MemorySegment bytes = MemorySegment.ofArray(SimTier.keyBytes(key));
    return new FileKey(bytes, tier.hashOf(bytes));
  }

  private static void put(FileTier tier, long key, long version) {
    byte[] value = new byte[VALUE_BYTES];
    MemorySegment.ofArray(value).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, key * 1000 + version);
    try (NativeCopy copy = NativeCopy.of(value)) {
      assertEquals(
          StoreResult.STORED,
          tier.put(key(tier, key), copy.segment(), Long.MAX_VALUE, Overload.WAIT));
    }
  }

  private static int found(FileTier tier, long version) {
    int found = 0;
    for (long key = 0; key < KEYS; key++) {
      try (FileValue value = tier.read(key(tier, key))) {
        if (value != null) {
          assertEquals(key * 1000 + version, value.value().get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
          found++;
        }
      }
    }
    return found;
  }

  @ParameterizedTest
  @EnumSource
  void theFileGrowsAndShrinks(Io io) throws IOException {
    Path file = directory.resolve("cache.carafe");
    long last = 0;
    try (FileTier tier = open(file, 16 * MIB, io)) {
      long version = 0;
      for (long mib : new long[] {32, 12, 40, 9, 64, 16, 8}) {
        version++;
        for (long key = 0; key < KEYS; key++) {
          put(tier, key, version);
        }
        tier.capacity().resize(mib * MIB);
        assertTrue(Files.size(file) <= mib * MIB, Files.size(file) + " for " + mib + " MiB");
        assertTrue(Files.size(file) > (mib - 2) * MIB, Files.size(file) + " for " + mib + " MiB");
        assertEquals(mib * MIB, tier.metrics().stats().capacityBytes());
        int found = found(tier, version);
        assertTrue(mib >= 12 ? found == KEYS : found > KEYS / 2, found + " at " + mib + " MiB");
        tier.checkInvariants();
      }
      tier.flush();
      last = version;
    }
    try (FileTier tier = open(file, 8 * MIB, io)) {
      assertTrue(found(tier, last) > KEYS / 2);
    }
    try (FileTier tier = open(file, 20 * MIB, io)) {
      assertTrue(found(tier, last) > KEYS / 2);
    }
  }
}
