package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.carafe.base.Record;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.log.Geometry;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.FileHeaderLayout;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A coverage-guided fuzzer writes records that verify. A read of each returns a value of bounded
 * length or none.
 */
@Tag("fuzz")
final class RecordFuzzTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int CRC_BYTES = 4;
  private static final int MAX_KEY_BYTES = 65_535;
  private static final long MAX_VALUE_BYTES = 255L * (64 << 10); // LZ4 expands up to 255 times
  private static final AtomicLong TRIED = new AtomicLong();

  /** A file with one compressed value, closed or killed, and the offset of its record. */
  private record OneRecord(byte[] content, int at, int bytes, long salt) {
    static OneRecord of(boolean closed) {
      SimDisk disk = new SimDisk(new byte[0]);
      byte[] killed;
      try (SimTier tier = new SimTier(disk, new FaultPlan(0), FuzzedFile.PACKED)) {
        tier.put(1, 1, 2_000);
        tier.tier().flush();
        killed = disk.content();
      }
      byte[] content = closed ? disk.content() : killed;
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment file = inMemory(content, arena);
        long fileId = FileHeaderLayout.read(file).fileId();
        long extent = Geometry.of(FuzzedFile.PACKED.capacityBytes()).extentOffset(1);
        var header = ExtentHeaderLayout.read(file.asSlice(extent), fileId);
        if (header == null) {
          throw new AssertionError("the file has no extent in slot 1");
        }
        long at = extent + FormatVersion.BLOCK_BYTES;
        int bytes = (int) RecordLayout.read(file, at).recordBytes();
        return new OneRecord(content, (int) at, bytes, header.salt());
      }
    }

    /** Returns the file with other bytes after the record's checksum. */
    byte[] with(byte[] record, int from) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment file = inMemory(content, arena);
        int length = Math.clamp(record.length - from, 0, bytes - CRC_BYTES);
        MemorySegment.copy(record, from, file, ValueLayout.JAVA_BYTE, at + CRC_BYTES, length);
        FuzzedFile.seal(file, at, salt);
        return file.toArray(ValueLayout.JAVA_BYTE);
      }
    }

    byte[] seed(int which, String head) {
      byte[] seed = Arrays.copyOfRange(content, at + CRC_BYTES - 1, at + bytes);
      byte[] first = HexFormat.of().parseHex(head);
      System.arraycopy(first, 0, seed, 1, first.length);
      seed[0] = (byte) which;
      return seed;
    }
  }

  private static final OneRecord[] FILES = {OneRecord.of(true), OneRecord.of(false)};

  private static MemorySegment inMemory(byte[] content, Arena arena) {
    MemorySegment file = arena.allocate(content.length, FormatVersion.BLOCK_BYTES);
    MemorySegment.copy(content, 0, file, ValueLayout.JAVA_BYTE, 0, content.length);
    return file;
  }

  static Stream<byte[]> seeds() {
    String kindAndKey = "01010800";
    int stored = FILES[0].bytes() - RecordLayout.HEADER_BYTES - Long.BYTES;
    String length = "%02x%02x0000".formatted(stored & 0xFF, stored >>> Byte.SIZE);
    return Stream.of(
        FILES[0].seed(0, ""),
        FILES[1].seed(1, ""),
        FILES[0].seed(0, "01000800"), // not compressed, and longer than it is
        FILES[1].seed(1, "01000800" + length + "ffffff7f"),
        FILES[0].seed(0, "01000800" + length + "01000000"), // shorter
        FILES[0].seed(0, kindAndKey + length + "ffffff7f"), // compressed from 2 GiB
        FILES[1].seed(1, kindAndKey + length + "00000000"),
        FILES[1].seed(1, kindAndKey + "ffffff7f"),
        FILES[1].seed(1, kindAndKey + "f8ffffff"), // negative
        FILES[1].seed(1, "0101ffff"),
        FILES[1].seed(1, "04000000"),
        FILES[1].seed(1, "03000000"),
        FILES[1].seed(1, "02000800"));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "60s")
  void isAValueOrNone(byte[] record) {
    OneRecord file = FILES[record.length == 0 ? 0 : record[0] & 1];
    byte[] content = file.with(record, Math.min(1, record.length));
    assertTimeoutPreemptively(TIMEOUT, () -> read(content));
    TRIED.incrementAndGet();
  }

  private static void read(byte[] content) {
    try (SimTier tier = new SimTier(new SimDisk(content), new FaultPlan(0), FuzzedFile.PACKED)) {
      try (FileValue value = tier.tier().read(tier.key(1))) {
        long bytes = value == null ? 0 : value.value().byteSize();
        assertTrue(bytes <= MAX_VALUE_BYTES, () -> "a value of " + bytes + " bytes");
      }
      tier.tier()
          .forEachKey(
              CacheNumber.ALL, (key, hash, expires) -> assertTrue(key.length <= MAX_KEY_BYTES));
      tier.tier().checkInvariants();
    }
  }

  @AfterAll
  static void record() {
    Record.add("fuzzed records read", TRIED.get());
  }
}
