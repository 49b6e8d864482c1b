package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions.Compression;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.log.Geometry;
import dev.carafe.log.LogInspection;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.Mismatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Regressions of recovery: power cuts that kept some writes and lost others. */
class RecoveryTest {
  private static final int CAPACITY_BYTES = 512 * 1024;
  private static final SimTier.Setup SETUP =
      new SimTier.Setup(CAPACITY_BYTES, Compression.NONE, /* late= */ false);
  private static final Geometry GEOMETRY = Geometry.of(CAPACITY_BYTES);
  private static final int EXTENT_BYTES = (int) GEOMETRY.extentBytes();
  private static final int VALUE_BYTES = 6_000;
  private static final int KEYS = 4;

  @TempDir private Path directory;

  private final Map<Long, Long> expected = new HashMap<>();
  private long version;

  private static SimTier open(SimDisk disk, FaultPlan faults) {
    return new SimTier(disk, faults, SETUP);
  }

  private void putAll(SimTier tier) {
    version++;
    for (long key = 0; key < KEYS; key++) {
      assertEquals(StoreResult.STORED, tier.put(key, version, VALUE_BYTES));
      expected.put(key, version);
    }
  }

  private static int at(int slot) {
    return (int) GEOMETRY.extentOffset(slot);
  }

  private static byte[] killed(SimDisk disk) {
    return disk.afterKill(disk.journal().size());
  }

  private void check(byte[] image) {
    try (SimTier tier = open(new SimDisk(image), new FaultPlan(1))) {
      assertEquals(expected, tier.versions(KEYS));
    }
  }

  /** Opens after a crash, flushes several times, and checks the file after a kill each time. */
  private void checkAfterReopening(byte[] image) {
    SimDisk disk = new SimDisk(image);
    SimTier tier = open(disk, new FaultPlan(1)); // never closed: it is killed
    for (int round = 0; round < 4; round++) {
      putAll(tier);
      tier.tier().flush();
      check(killed(disk));
    }
  }

  /** Checks that inspection finds no damage in the file that a kill left. */
  private void inspect(byte[] image) throws IOException {
    Path path = Files.write(directory.resolve("image.carafe"), image);
    List<Mismatch> damage = new ArrayList<>();
    var _ = LogInspection.run(path, 0, damage::add);
    assertEquals(List.of(), damage);
  }

  /**
   * A crash kept the trailer of an extent and lost its header. The next opening writes an extent of
   * the same sequence there. Recovery must not read it by the trailer of the first.
   */
  @Test
  void theTrailerOfATornExtentIsNotUsedForItsSuccessor() {
    checkAfterReopening(withTrailerOnly());
  }

  /** Inspection must not report the same trailer as damage of the later extent. */
  @Test
  void theTrailerOfATornExtentIsNotReportedAsDamage() throws IOException {
    SimDisk next = new SimDisk(withTrailerOnly());
    SimTier tier = open(next, new FaultPlan(1)); // never closed: it is killed
    for (int round = 0; round < 4; round++) {
      putAll(tier);
      tier.tier().flush();
      inspect(killed(next));
    }
  }

  /** A crash left the trailer of an extent on the second lap, but not its header. */
  private byte[] withTrailerOnly() {
    SimDisk disk = new SimDisk(new byte[0]);
    SimTier tier = open(disk, new FaultPlan(1));
    int header = -1;
    int trailer = -1;
    while (trailer < 0) {
      putAll(tier);
      header = header < 0 ? secondWriteAt(disk.journal(), at(2)) : header;
      trailer = header < 0 ? -1 : writeUpTo(disk.journal(), at(2) + EXTENT_BYTES, header);
    }
    byte[] image = disk.afterKill(header);
    SimDisk.Write written = (SimDisk.Write) disk.journal().get(trailer);
    System.arraycopy(written.bytes(), 0, image, written.offset(), written.bytes().length);
    return image;
  }

  /** Where an extent's header was written on the ring's second lap. */
  private static int secondWriteAt(List<SimDisk.Event> journal, int offset) {
    int found = 0;
    for (int i = 0; i < journal.size(); i++) {
      if (journal.get(i) instanceof SimDisk.Write write && write.offset() == offset) {
        found++;
        if (found == 2) {
          return i;
        }
      }
    }
    return -1;
  }

  private static int writeUpTo(List<SimDisk.Event> journal, int end, int from) {
    for (int i = from; i < journal.size(); i++) {
      if (journal.get(i) instanceof SimDisk.Write write
          && write.offset() + write.bytes().length == end) {
        return i;
      }
    }
    return -1;
  }

  /** A missing extent ends the log, also in a file that was never full. */
  @Test
  void aMissingExtentEndsTheLog() {
    SimDisk disk = new SimDisk(new byte[0]);
    FaultPlan faults = new FaultPlan(1);
    SimTier tier = open(disk, faults);
    faults.failSyncs(1000); // so that no header marks an extent as synced
    while (secondExtentAfter(disk, 2) < 0) {
      putAll(tier);
    }
    byte[] image = killed(disk);
    Arrays.fill(image, at(2), at(3), (byte) 0);
    checkAfterReopening(image);
  }

  private static int secondExtentAfter(SimDisk disk, int slot) {
    return writeUpTo(disk.journal(), at(slot + 1) + EXTENT_BYTES, 0);
  }

  /**
   * A crash kept the trailer of the newest extent and lost its header and first record. The log
   * continues in it. Recovery clears the trailer, and flushed records must not depend on it.
   */
  @Test
  void aResumedExtentWithoutHeaderGetsOne() {
    SimDisk disk = new SimDisk(new byte[0]);
    SimTier tier = open(disk, new FaultPlan(1));
    int trailer = -1;
    while (trailer < 0) {
      putAll(tier);
      trailer = writeUpTo(disk.journal(), at(1), 0); // of the first lap's last extent
    }
    byte[] image = disk.afterKill(trailer + 1);
    Arrays.fill(image, at(0), at(0) + 2 * FormatVersion.BLOCK_BYTES, (byte) 0);
    checkAfterReopening(image);
  }

  /** Records that are appended after a crash to the torn extent are found again. */
  @Test
  void aTornExtentIsResumed() {
    byte[] image = new byte[0];
    for (int opening = 0; opening < 6; opening++) {
      SimDisk disk = new SimDisk(image);
      SimTier tier = open(disk, new FaultPlan(1));
      putAll(tier);
      tier.tier().flush();
      image = killed(disk);
      check(image);
    }
  }

  /** After an orderly close, opening reads the directory of each extent once. */
  @Test
  void eachDirectoryIsReadOnce() {
    SimTier.Setup setup = new SimTier.Setup(1024 * 1024, Compression.NONE, /* late= */ false);
    SimDisk disk = new SimDisk(new byte[0]);
    try (SimTier tier = new SimTier(disk, new FaultPlan(1), setup)) {
      for (int round = 0; round < 26; round++) { // fills 10 of 15 extents, so none is freed
        putAll(tier);
      }
    }
    try (FileIndex index = new FileIndex(Long.MAX_VALUE);
        OpenLog open = SimTier.openLog(disk, setup.capacityBytes(), index)) {
      Geometry geometry = open.log().file().geometry();
      long extents = open.log().table().newestSequence();
      long blocks = 8 + geometry.extentCount() + 2 * extents; // headers; trailer and directory
      long read = open.log().file().bytesRead().sum();
      assertEquals(KEYS, index.count());
      assertTrue(extents >= 9, () -> extents + " extents");
      assertTrue(
          read <= blocks * FormatVersion.BLOCK_BYTES,
          () -> read + " bytes of " + extents + " extents, " + blocks + " blocks");
    }
  }
}
