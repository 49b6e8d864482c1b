package dev.carafe.tier;

import static dev.carafe.tier.FuzzedFile.script;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.carafe.DamagedFileException;
import dev.carafe.FileFormatException;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.base.Record;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.tier.FuzzedFile.Edit;
import dev.carafe.tier.FuzzedFile.Edited;
import dev.carafe.tier.FuzzedFile.Step;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A coverage-guided fuzzer changes files, with and without matching checksums. Opening such a file
 * succeeds or is refused as documented, in bounded time and memory. Values that are written then
 * are found by the next opening. Without {@code -Psoak} only the seeds run.
 */
@Tag("fuzz")
final class FileFuzzTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final long MAX_ALLOCATED_BYTES = 64 << 20;
  private static final long MAX_VALUE_BYTES = 255L * (64 << 10);
  private static final int MAX_KEY_BYTES = 65_535;
  private static final long NEW_VERSION = 99;
  private static final int NEW_BYTES = 700;

  private static final List<FuzzedFile> FILES =
      List.of(
          new FuzzedFile(FuzzedFile.PLAIN, true),
          new FuzzedFile(FuzzedFile.PLAIN, false),
          new FuzzedFile(FuzzedFile.PACKED, true),
          new FuzzedFile(FuzzedFile.PACKED, false));

  private static final AtomicLong TRIED = new AtomicLong();

  /** Opens a file before the first measurement: loading and instrumenting classes allocates. */
  @BeforeAll
  static void loadClasses() {
    Edited whole = FILES.getFirst().edited(ByteBuffer.allocate(0));
    try (SimTier tier =
        new SimTier(new SimDisk(whole.content()), new FaultPlan(0), whole.setup())) {
      readAll(tier, whole.sealed());
      assertEquals(StoreResult.STORED, tier.put(1, NEW_VERSION, NEW_BYTES));
      tier.tier().flush();
      tier.tier().checkInvariants();
    }
  }

  static Stream<byte[]> seeds() {
    long far = 1L << 40 | 3L << 24; // a value of 24 bytes beyond the end of any extent
    return Stream.of(
        script(0),
        script(1),
        script(2, new Step(Edit.BYTE, 0, 0, 5_000, 1)),
        script(3, new Step(Edit.CUT, 0, 0, 300_000, 0)),
        script(0, new Step(Edit.CUT, 0, 0, 100, 0)),
        script(0, new Step(Edit.FILL, 0, 0, 70_000, 0), new Step(Edit.COPY, 0, 0, 4096, 69_632)),
        script(0, new Step(Edit.FILE_HEADER, 1, 0, 0, -1)),
        script(1, new Step(Edit.EXTENT_HEADER, 0, 1, 0, Long.MAX_VALUE)),
        script(0, new Step(Edit.EXTENT_HEADER, 0, 0, 0, Long.MAX_VALUE)), // 2^63 - 1 mod 7 is 0
        script(0, new Step(Edit.EXTENT_HEADER, 1, 1, 0, Long.MAX_VALUE)),
        script(0, new Step(Edit.EXTENT_HEADER, 1, 2, 0, Long.MIN_VALUE)),
        script(0, new Step(Edit.TRAILER, 0, 2, 0, Long.MAX_VALUE)),
        script(0, new Step(Edit.TRAILER, 1, 2, 0, 900)),
        script(0, new Step(Edit.LOCATION, 0, 1, 3, -1)),
        script(0, new Step(Edit.LOCATION, 0, 1, 3, 1L << 48 | far | 0xFFFFFF)),
        script(0, new Step(Edit.LOCATION, 0, 1, 3, 1L << 48 | 0x3FFFFFL << 24 | 600)),
        script(0, new Step(Edit.LOCATION, 0, 1, 3, 1L << 48)),
        script(0, new Step(Edit.HASH, 0, 1, 3, 7)),
        script(0, new Step(Edit.HASH, 0, 0, 0x2901_0000, 3L << 48)), // a TAIL beyond the log's end
        script(0, new Step(Edit.RECORD, 4, 1, 3, Integer.MAX_VALUE)),
        script(0, new Step(Edit.RECORD, 4, 1, 3, 100)),
        script(2, new Step(Edit.RECORD, 4, 0, 3, Integer.MAX_VALUE)),
        script(2, new Step(Edit.RECORD, 1, 0, 3, 0)),
        script(0, new Step(Edit.RECORD, 1, 1, 3, 1)));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "90s")
  void opensOrRefuses(byte[] script) {
    ByteBuffer left = ByteBuffer.wrap(script);
    int which = left.hasRemaining() ? Byte.toUnsignedInt(left.get()) % FILES.size() : 0;
    Edited edited = FILES.get(which).edited(left);
    for (Recovery mode : new Recovery[] {Recovery.SKIP_DAMAGED, Recovery.STRICT}) {
      assertTimeoutPreemptively(TIMEOUT, () -> open(edited, mode));
    }
    TRIED.incrementAndGet();
  }

  private static void open(Edited edited, Recovery mode) {
    SimDisk disk = new SimDisk(edited.content());
    long before = allocatedBytes();
    boolean stored;
    try (SimTier tier = new SimTier(disk, new FaultPlan(0), edited.setup(), mode)) {
      readAll(tier, edited.sealed());
      stored = tier.put(1, NEW_VERSION, NEW_BYTES) == StoreResult.STORED;
      tier.tier().flush();
      tier.tier().checkInvariants();
    } catch (FileFormatException e) {
      return; // the header is not of this cache
    } catch (DamagedFileException e) {
      assertTrue(mode == Recovery.STRICT, e::toString);
      return;
    }
    long allocated = allocatedBytes() - before;
    assertTrue(allocated < MAX_ALLOCATED_BYTES, () -> allocated + " bytes allocated");
    assertTrue(stored);
    try (SimTier again =
        new SimTier(new SimDisk(disk.content()), new FaultPlan(0), edited.setup())) {
      assertTrue(again.tier().contains(again.key(1).hash()), "a flushed record is missing");
      readAll(again, edited.sealed());
    }
  }

  private static void readAll(SimTier tier, boolean sealed) {
    if (!sealed) {
      tier.versions((int) FuzzedFile.KEYS)
          .forEach((key, version) -> assertTrue(version > 0, () -> key + " has " + version));
      return;
    }
    for (long key = 0; key < FuzzedFile.KEYS; key++) {
      try (FileValue value = tier.tier().read(tier.key(key))) {
        assertTrue(value == null || value.value().byteSize() <= MAX_VALUE_BYTES);
      }
    }
    tier.tier()
        .forEachKey(
            CacheNumber.ALL,
            (key, hash, expiresAtNanos) -> assertTrue(key.length <= MAX_KEY_BYTES));
  }

  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @AfterAll
  static void record() {
    Record.add("fuzzed files opened", TRIED.get());
  }
}
