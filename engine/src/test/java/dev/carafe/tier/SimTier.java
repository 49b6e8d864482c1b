package dev.carafe.tier;

import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Overload;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDevice;
import dev.carafe.device.SimDisk;
import dev.carafe.log.Geometry;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.log.format.RecordLayout;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;

/** A file tier over a simulated disk; each value contains its key and its version. */
final class SimTier implements AutoCloseable {
  static final int MIN_VALUE_BYTES = 20;
  static final ValueLayout.OfLong VERSION =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final FileTier tier;
  private final boolean compressible;

  /** The options of a tier. */
  record Setup(long capacityBytes, Compression compression, boolean late) {}

  SimTier(SimDisk disk, FaultPlan faults, Setup setup) {
    this(disk, faults, setup, Recovery.SKIP_DAMAGED);
  }

  SimTier(SimDisk disk, FaultPlan faults, Setup setup, Recovery recovery) {
    FileOptions options =
        FileOptions.at(Path.of("simulated.carafe"), setup.capacityBytes())
            .withCompression(setup.compression())
            .withRecovery(recovery);
    this.compressible = setup.compression() == Compression.LZ4;
    this.tier =
        FileTier.open(
            new FileTierOptions(
                options,
                CodecNames.NONE,
                Long.MAX_VALUE,
                () -> 0,
                FileRemovalListener.NONE,
                new ImmediateWriteback(setup.late())),
            buffers -> new SimDevice(disk, faults, setup.late()),
            new NoChunks());
  }

  /** Writes buffered records within 1 ms (D6), for devices with late completions. */
  private record ImmediateWriteback(boolean enabled) implements DirtySource {
    @Override
    public Duration persistWithin() {
      return enabled ? Duration.ofMillis(1) : DirtySource.NONE.persistWithin();
    }

    @Override
    public PassResult writeBack(boolean newPass) {
      return PassResult.COMPLETE;
    }
  }

  /** A source without chunks, so that reads use separate mappings. */
  static final class NoChunks implements ChunkSource {
    @Override
    public long capacityBytes() {
      return 0;
    }

    @Override
    public long alloc(int bytes) {
      return ChunkRef.NONE;
    }

    @Override
    public void free(long ref) {
      throw new IllegalStateException("no chunk was allocated");
    }

    @Override
    public ChunkPool pool() {
      throw new IllegalStateException("no pool");
    }
  }

  FileTier tier() {
    return tier;
  }

  static byte[] keyBytes(long key) {
    return ByteBuffer.allocate(Long.BYTES).putLong(key).array();
  }

  FileKey key(long key) {
    MemorySegment segment = MemorySegment.ofArray(keyBytes(key));
    return new FileKey(segment, tier.hashOf(segment));
  }

  StoreResult put(long key, long version, int bytes) {
    byte[] value = value(key, version, bytes);
    try (NativeCopy copy = NativeCopy.of(value)) {
      return tier.put(key(key), copy.segment(), Long.MAX_VALUE, Overload.WAIT);
    }
  }

  boolean remove(long key) {
    return tier.remove(key(key), true);
  }

  /** Recovers a log and does not write to it, so nothing is reclaimed. */
  static OpenLog openLog(SimDisk disk, long capacityBytes, FileIndex index) {
    return OpenLog.open(
        FileTierOptions.of(FileOptions.at(Path.of("simulated.carafe"), capacityBytes), () -> 0),
        buffers -> new SimDevice(disk, new FaultPlan(0), false),
        index,
        0);
  }

  /**
   * Returns the versions that recovery finds, before log maintenance reclaims extents. For values
   * that are not compressed.
   */
  static Map<Long, Long> recovered(byte[] content, Setup setup) {
    SimDisk disk = new SimDisk(content);
    Map<Long, Long> found = new HashMap<>();
    FileIndex index = new FileIndex(Long.MAX_VALUE);
    NativeCopy copy = null;
    try (OpenLog open = openLog(disk, setup.capacityBytes(), index)) {
      copy = NativeCopy.of(disk.content());
      MemorySegment image = copy.segment();
      Geometry geometry = open.log().file().geometry();
      index.forEach((hash, address) -> {
        long at =
            geometry.extentOffset(RecordAddress.slot(address)) + RecordAddress.offset(address);
        RecordLayout.Header header = RecordLayout.read(image, at);
        long from = at + RecordLayout.HEADER_BYTES + header.keyBytes();
        if (header.valueBytes() >= MIN_VALUE_BYTES
            && from + header.valueBytes() <= image.byteSize()) {
          byte[] bytes = image.asSlice(from, header.valueBytes()).toArray(ValueLayout.JAVA_BYTE);
          ByteBuffer fields = ByteBuffer.wrap(bytes);
          long key = fields.getLong();
          long version = fields.getLong();
          if (Arrays.equals(value(key, version, bytes.length, false), bytes)) {
            found.put(key, version);
          }
        }
      });
    } finally {
      index.close();
      if (copy != null) {
        copy.close();
      }
    }
    return found;
  }

  private byte[] value(long key, long version, int bytes) {
    return value(key, version, bytes, compressible);
  }

  private static byte[] value(long key, long version, int bytes, boolean compressible) {
    byte[] value = new byte[bytes];
    long seed = compressible ? 7 : key * 31 + version;
    if (compressible) {
      Arrays.fill(value, (byte) seed);
    } else {
      new SplittableRandom(seed).nextBytes(value);
    }
    ByteBuffer.wrap(value).putLong(key).putLong(version).putInt(bytes);
    return value;
  }

  /** Returns the version of each key that has a value. Checks every byte (R3). */
  Map<Long, Long> versions(int keys) {
    Map<Long, Long> found = new HashMap<>();
    for (long key = 0; key < keys; key++) {
      try (FileValue value = tier.read(key(key))) {
        if (value != null) {
          byte[] bytes = value.value().toArray(ValueLayout.JAVA_BYTE);
          ByteBuffer fields = ByteBuffer.wrap(bytes);
          Assertions.assertEquals(key, fields.getLong(), "another key's value");
          long version = fields.getLong();
          Assertions.assertArrayEquals(value(key, version, bytes.length), bytes);
          found.put(key, version);
        }
      }
    }
    return found;
  }

  @Override
  public void close() {
    tier.close();
  }
}
