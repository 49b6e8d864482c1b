package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code carafe backup FILE TARGET}; {@code BackupTest} of the engine copies files in use. */
final class BackupCommandTest {
  @TempDir Path directory;
  private Path file = Path.of("");
  private Path target = Path.of("");

  @BeforeEach
  void write() {
    file = SampleFile.write(directory.resolve("sample.carafe"));
    target = directory.resolve("copy.carafe");
  }

  @Test
  void copiesAFile() throws IOException {
    byte[] before = Files.readAllBytes(file);
    CommandRun run = CommandRun.of("backup", file.toString(), target.toString());
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(
        run.out().contains("copied to " + target + ", extents of sequence 1 to 2, 131,072 bytes"),
        run.out());
    assertArrayEquals(before, Files.readAllBytes(file), "the command changed the file");
    try (Carafe<Long, byte[]> cache = SampleFile.open(target)) {
      assertEquals(SampleFile.VALUES - SampleFile.REMOVED, cache.estimatedSize());
    }
  }

  @Test
  void printsJson() {
    CommandRun run =
        CommandRun.of("backup", "--json", "--quiet", file.toString(), target.toString());
    assertEquals(0, run.exitCode(), run.err());
    Map<String, Object> copy = Json.parse(run.out());
    assertEquals(target.toString(), copy.get("target"));
    assertEquals(1L, copy.get("passes"));
    assertEquals(131_072L, copy.get("logBytes"));
  }

  @Test
  void rejectsBadUsage() throws IOException {
    assertEquals(2, CommandRun.of("backup", file.toString()).exitCode());
    String missing = directory.resolve("missing").toString();
    assertEquals(2, CommandRun.of("backup", missing, target.toString()).exitCode());
    Files.writeString(target, "mine");
    CommandRun run = CommandRun.of("backup", file.toString(), target.toString());
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("TARGET " + target + " exists"), run.err());
    assertEquals("mine", Files.readString(target));
  }

  @Test
  void refusesADamagedFile() throws IOException {
    SampleFile.flip(file, SampleFile.RECORD_AT + 500);
    CommandRun run = CommandRun.of("backup", "--quiet", file.toString(), target.toString());
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("at byte " + SampleFile.EXTENT_AT), run.err());
    assertTrue(Files.notExists(target));
  }
}
