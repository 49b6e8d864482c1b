package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.carafe.Carafe;
import dev.carafe.log.LogFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code carafe verify FILE}. */
final class VerifyCommandTest {
  @TempDir Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void write() {
    file = SampleFile.write(directory.resolve("sample.carafe"));
  }

  @Test
  void acceptsASoundFile() throws IOException {
    byte[] before = Files.readAllBytes(file);
    CommandRun run = CommandRun.of("verify", file.toString());
    assertEquals(0, run.exitCode(), run.out() + run.err());
    assertTrue(run.out().contains(": sound, 33 records in 2 extents verified"), run.out());
    assertTrue(
        run.out().contains(": closed in order; newest sequence 2, length as when closed"),
        run.out());
    assertArrayEquals(before, Files.readAllBytes(file), "the command changed the file");
  }

  /** Parameters: the name and offset of the flipped byte, the reported offset and structure. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "magic of the file, 3, 0, a Carafe file",
    "version, 8, 8, version",
    "file header, 27, 0, a file header",
    "codec names of the file header, 600, 512, the codecs",
    "padding of the file header, 4000, 512, the codecs",
    "magic of an extent, 69633, 69632, an extent header",
    "extent header, 69649, 69632, an extent header",
    "padding of an extent header, 70000, 70000, zeros",
    "length in a record header, 73736, 73728, a record",
    "expiry in a record header, 73744, 73728, a record",
    "checksum in a record header, 73729, 73728, a record",
    "key, 73753, 73728, a record",
    "value, 74000, 73728, a record",
    "second record, 77000, 76760, a record",
    "directory entry, 131080, 131072, a directory",
    "padding of the directory, 134000, 131072, a directory",
    "count in the trailer, 135128, 131072, a directory",
    "magic of the trailer, 135104, 135104, the trailer",
    "sequence of the trailer, 135120, 135104, the trailer",
  })
  void reportsAFlippedByte(String what, long flipped, long named, String expected)
      throws IOException {
    SampleFile.flip(file, flipped);
    byte[] before = Files.readAllBytes(file);
    CommandRun run = CommandRun.of("verify", file.toString());
    assertEquals(1, run.exitCode(), what + ": " + run.out() + run.err());
    String start = file + ": at byte " + named + " expected ";
    String line = run.out().lines().filter(l -> l.startsWith(start)).findFirst().orElse("none");
    assertTrue(line.contains(expected) && line.contains(", found "), run.out());
    assertArrayEquals(before, Files.readAllBytes(file), "the command changed the file");
  }

  /** Cuts after the log, at an extent boundary, within an extent, and after the file header. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 300_000, SampleFile.EXTENT_BYTES * 2 + 4096, 80_000, 4096})
  void reportsATruncatedFile(int bytes) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    byte[] cut = Arrays.copyOf(whole, bytes < 0 ? whole.length + bytes : bytes);
    Files.write(file, cut);
    CommandRun run = CommandRun.of("verify", file.toString());
    assertEquals(1, run.exitCode(), run.out() + run.err());
    String line =
        String.format(
            "%s: at byte %d expected a length of %d bytes, found %d bytes: the file was truncated",
            file, cut.length, whole.length, cut.length);
    assertTrue(run.out().contains(line), run.out());
    assertArrayEquals(cut, Files.readAllBytes(file), "the command changed the file");
    String shown = CommandRun.of("inspect", file.toString()).out();
    String expected =
        String.format(Locale.ROOT, "%,d bytes, expected %,d", cut.length, whole.length);
    assertTrue(shown.contains(expected), shown);
  }

  /** The file has no entries, and the next open creates it again. */
  @Test
  void acceptsAFileWhoseCreationWasInterrupted() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    byte[] unfinished = Arrays.copyOf(Arrays.copyOf(whole, 4096), (int) LogFiles.UNFINISHED_BYTES);
    Files.write(file, unfinished);
    CommandRun run = CommandRun.of("verify", file.toString());
    assertEquals(0, run.exitCode(), run.out() + run.err());
    assertArrayEquals(unfinished, Files.readAllBytes(file), "the command changed the file");
  }

  @Test
  void rejectsBadUsage() throws IOException {
    assertEquals(2, CommandRun.of("verify").exitCode());
    assertEquals(2, CommandRun.of("verify", file.toString(), "another").exitCode());
    assertEquals(2, CommandRun.of("verify", "--no-such-option", file.toString()).exitCode());
    Path missing = directory.resolve("missing");
    CommandRun run = CommandRun.of("verify", missing.toString());
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains(missing.toString()), run.err());
    assertTrue(Files.notExists(missing));
    assertEquals(2, CommandRun.of("verify", directory.toString()).exitCode());
    assertEquals(0, CommandRun.of("verify", "--help").exitCode());
  }

  @Test
  void rejectsAForeignFileAndAnEmptyFile() throws IOException {
    Path foreign = Files.writeString(directory.resolve("foreign"), "something else");
    assertEquals(1, CommandRun.of("verify", foreign.toString()).exitCode());
    Path empty = Files.createFile(directory.resolve("empty"));
    assertEquals(1, CommandRun.of("verify", empty.toString()).exitCode());
    assertEquals(0, Files.size(empty));
  }

  @Test
  void verifiesAFileInUse() {
    assumeTrue(Files.exists(Path.of("/proc/self/fd")), "skipped: other systems lock the file");
    try (Carafe<Long, byte[]> cache = SampleFile.open(file)) {
      cache.put(100L, new byte[100]);
      cache.flush();
      CommandRun run = CommandRun.of("verify", file.toString());
      assertEquals(0, run.exitCode(), run.out() + run.err());
      assertTrue(run.out().contains("in use by a cache, a snapshot; newest sequence 3"), run.out());
    }
    assertTrue(CommandRun.of("verify", file.toString()).out().contains("closed in order"));
  }

  /** A copy of a file in use is what a crash leaves. */
  @Test
  void tellsThatAFileWasNotClosed() {
    assumeTrue(Files.exists(Path.of("/proc/self/fd")), "skipped: other systems lock the file");
    Path copy = directory.resolve("copy.carafe");
    try (Carafe<Long, byte[]> cache = SampleFile.open(file)) {
      cache.put(100L, new byte[100]);
      cache.flush();
      CommandRun run = CommandRun.of("backup", "--quiet", file.toString(), copy.toString());
      assertEquals(0, run.exitCode(), run.out() + run.err());
    }
    CommandRun run = CommandRun.of("verify", copy.toString());
    assertEquals(0, run.exitCode(), run.out() + run.err());
    assertTrue(run.out().contains("not closed in order"), run.out());
    assertTrue(run.out().contains("newest sequence 3, length as when closed"), run.out());
  }

  @Test
  void printsJson() throws IOException {
    Map<String, Object> sound =
        Json.parse(CommandRun.of("verify", "--json", file.toString()).out());
    assertEquals(true, sound.get("sound"));
    assertEquals(true, sound.get("closedInOrder"));
    assertEquals(2L, sound.get("newestSequence"));
    assertEquals(sound.get("expectedBytes"), sound.get("fileBytes"));
    SampleFile.flip(file, SampleFile.RECORD_AT + 500);
    CommandRun run = CommandRun.of("verify", "--json", file.toString());
    assertEquals(1, run.exitCode());
    Map<String, Object> damaged = Json.parse(run.out());
    assertEquals(false, damaged.get("sound"));
    assertTrue(run.out().contains("\"offset\": " + SampleFile.RECORD_AT), run.out());
    SampleFile.flip(file, 20);
    CommandRun header = CommandRun.of("verify", "--json", file.toString());
    assertEquals(1, header.exitCode());
    assertEquals(false, Json.parse(header.out()).get("sound"));
  }
}
