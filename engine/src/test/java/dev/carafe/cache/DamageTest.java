package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DamagedFileException;
import dev.carafe.FileOptions.Io;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import dev.carafe.cache.DamagedFile.Outcome;
import dev.carafe.cache.DamagedFile.Part;
import dev.carafe.log.Geometry;
import dev.carafe.log.format.FormatVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Opens files that were damaged in each of their structures. No read returns a wrong or an old
 * value, or throws. The file is rejected only with STRICT or if the file header is damaged; the
 * error names file and offset (contract R1, R2, R3, D4).
 */
@Timeout(value = 3600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DamageTest {
  private static final Set<Part> STRICT_REFUSES =
      EnumSet.of(
          Part.RECORD_HEADER,
          Part.KEY,
          Part.VALUE,
          Part.TOMBSTONE,
          Part.DIRECTORY_ENTRY,
          Part.TRAILER);

  @TempDir static Path directory;
  private static DamagedFile file;

  @BeforeAll
  static void write() throws Exception {
    file = new DamagedFile(directory.resolve("cache.carafe"));
  }

  @Test
  void fileContainsAllStructures() throws Exception {
    for (Part part : Part.values()) {
      assertTrue(!file.places(part).isEmpty(), () -> part + " does not occur in the file");
    }
    Outcome whole = file.outcome(file.copy(), Io.CHANNEL, Recovery.STRICT);
    assertEquals("", whole.refusal());
    long live =
        java.util.stream.LongStream.range(0, DamagedFile.KEYS)
            .filter(key -> DamagedFile.expected(key).length > 0)
            .count();
    assertEquals(live, whole.hits());
  }

  @ParameterizedTest
  @EnumSource(Part.class)
  void damagedBytes(Part part) {
    int times = Soak.times(6, 100);
    Soak.seeded(random -> {
      for (int i = 0; i < times; i++) {
        List<Integer> places = file.places(part);
        int at = places.get(random.nextInt(places.size()));
        byte[] damaged = file.copy();
        damaged[at] ^= (byte) (1 + random.nextInt(255));
        check(part, at, damaged, device(random));
      }
    });
    Record.add("damaged bytes: " + part.name().toLowerCase(java.util.Locale.ROOT), times);
  }

  private static Io device(SplittableRandom random) {
    Io[] all = {Io.CHANNEL, Io.CHANNEL, Io.URING, Io.AUTO};
    return random.nextInt(3) == 0
        ? UsableDevices.orAuto(all[random.nextInt(all.length)])
        : Io.CHANNEL;
  }

  private void check(Part part, int at, byte[] damaged, Io io) throws Exception {
    String where = part + " at " + at;
    boolean ofHeader = part == Part.FILE_HEADER || part == Part.FILE_HEADER_PADDING;
    try {
      Outcome skipped = file.outcome(damaged, io, Recovery.SKIP_DAMAGED);
      assertEquals(ofHeader, !skipped.refusal().isEmpty(), skipped::refusal);
      Outcome strict = file.outcome(damaged, io, Recovery.STRICT);
      boolean mustRefuse = ofHeader || (STRICT_REFUSES.contains(part) && file.isCertain(at));
      if (mustRefuse) {
        assertTrue(strict.refusal().contains(file.path().toString()), strict::toString);
        assertTrue(
            ofHeader || strict.refusal().matches("(?s)DamagedFile.*\\d+.*"), strict::refusal);
      }
    } catch (Throwable t) {
      throw new AssertionError(where + (file.isCertain(at) ? ", certain" : "") + ", " + io, t);
    }
  }

  /** Damages each extent at its beginning, after its header and in the middle (F1, R1, R2, D4). */
  @Test
  void truncatedFiles() {
    Geometry geometry = Geometry.of(DamagedFile.CAPACITY_BYTES);
    Soak.seeded(random -> {
      for (int slot = 0; slot < geometry.extentCount(); slot++) {
        long begin = geometry.extentOffset(slot);
        for (long cut : new long[] {begin, begin + 4096, begin + geometry.extentBytes() / 2}) {
          byte[] damaged = Arrays.copyOf(file.copy(), (int) cut);
          Io io = device(random);
          assertEquals("", file.outcome(damaged, io, Recovery.SKIP_DAMAGED).refusal());
          String refusal = file.outcome(damaged, io, Recovery.STRICT).refusal();
          assertTrue(refusal.contains(file.path().toString()), () -> cut + ": " + refusal);
          assertTrue(refusal.contains(file.copy().length + " bytes"), refusal);
          assertTrue(refusal.contains(cut + " bytes"), refusal);
        }
      }
    });
  }

  /**
   * An opening that skips a damaged extent repairs it, so that a strict opening finds no damage
   * afterwards.
   */
  @Test
  void skippedDamageIsRepaired() throws Exception {
    Geometry geometry = Geometry.of(DamagedFile.CAPACITY_BYTES);
    int trailer = file.places(Part.TRAILER).stream().filter(file::isCertain).findFirst().get();
    int end = trailer / FormatVersion.BLOCK_BYTES * FormatVersion.BLOCK_BYTES;
    byte[] damaged = file.copy();
    Arrays.fill(damaged, end - (int) geometry.extentBytes() / 2, end, (byte) 0);
    Arrays.fill(damaged, end, end + FormatVersion.BLOCK_BYTES, (byte) 0);
    Path path = Files.write(directory.resolve("skipped.carafe"), damaged);
    assertThrows(
        DamagedFileException.class, () -> DamagedFile.open(path, Io.CHANNEL, Recovery.STRICT));
    DamagedFile.open(path, Io.CHANNEL, Recovery.SKIP_DAMAGED).close();
    DamagedFile.open(path, Io.CHANNEL, Recovery.STRICT).close();
  }

  /**
   * Damages blocks by zeros, noise, or bytes of other blocks or earlier states; truncates the file;
   * flips random bits.
   */
  @Test
  void damagedRanges() {
    int times = Soak.times(40, 800);
    long[] opened = {0};
    Soak.seeded(random -> {
      for (int i = 0; i < times; i++) {
        byte[] damaged = mutate(file.copy(), random);
        for (Recovery mode : new Recovery[] {Recovery.SKIP_DAMAGED, Recovery.STRICT}) {
          Outcome outcome = file.outcome(damaged, device(random), mode);
          opened[0] += outcome.refusal().isEmpty() ? 1 : 0;
          assertTrue(
              outcome.refusal().isEmpty() || outcome.refusal().contains(file.path().toString()),
              outcome::refusal);
        }
      }
    });
    assertTrue(opened[0] > 0);
    Record.add("files mutated at large", times);
  }

  private static byte[] mutate(byte[] bytes, SplittableRandom random) {
    byte[] mutated = bytes;
    for (int more = 1 + random.nextInt(4); more > 0; more--) {
      int unit = new int[] {8, 512, 4096, 65_536}[random.nextInt(4)];
      int at = 4096 + random.nextInt((bytes.length - 4096) / unit) * unit;
      int to = Math.min(mutated.length, at + unit);
      if (at >= mutated.length) {
        continue;
      }
      switch (random.nextInt(6)) {
        case 0 -> Arrays.fill(mutated, at, to, (byte) 0);
        case 1 -> {
          byte[] noise = new byte[to - at];
          random.nextBytes(noise);
          System.arraycopy(noise, 0, mutated, at, noise.length);
        }
        case 2 -> {
          int from = random.nextInt(Math.max(1, mutated.length - unit));
          System.arraycopy(
              mutated.clone(), from, mutated, at, Math.min(to - at, mutated.length - from));
        }
        case 3 -> mutated = Arrays.copyOf(mutated, Math.max(4096, at));
        case 4 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
        default -> Arrays.fill(mutated, at, to, (byte) 0xFF);
      }
    }
    return mutated;
  }
}
