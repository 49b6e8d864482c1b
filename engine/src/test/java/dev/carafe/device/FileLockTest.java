package dev.carafe.device;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DeviceException;
import dev.carafe.FileInUseException;
import dev.carafe.FileOptions.Io;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Creation of a file, and use of the locked file only (contract D4, F7, S1). */
@Timeout(60)
final class FileLockTest {
  private static final byte[] FOREIGN = "foreign".getBytes(UTF_8);

  @TempDir Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = directory.resolve("cache.carafe");
  }

  private static Device open(Path path, Io io) {
    return OpenDevice.of(io, path, List.of());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> names = Files.list(directory)) {
      return names.map(name -> String.valueOf(name.getFileName())).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CHANNEL", "URING", "FIXED_BUFFERS"})
  void aNewFileIsOwnerOnlyAndKeepsAChangedMode(Io io) throws IOException { // S1
    try (NativeMemory memory = NativeMemory.map(4096, false);
        Device device = OpenDevice.of(io, file, List.of(memory.segment()))) {
      device.publish();
    }
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    open(file, Io.CHANNEL).close();
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void aFileIsLinkedToItsNameWhenPublished() throws IOException { // F7
    try (Device device = open(file, Io.CHANNEL)) {
      device.setFileBytes(100);
      assertFalse(Files.exists(file));
    }
    assertEquals(List.of(), names());
    try (Device device = open(file, Io.CHANNEL)) {
      device.setFileBytes(100);
      device.publish();
      assertEquals(List.of("cache.carafe"), names());
    }
    assertEquals(100, Files.size(file));
  }

  @Test
  void theFileOfAnInterruptedCreationIsRemoved() throws IOException { // F7
    Path leftover = FileCreation.temporary(file);
    byte[] torn = Arrays.copyOf("CAR".getBytes(UTF_8), 9000);
    byte[] begun = "CARAFE\r\n...".getBytes(UTF_8);
    for (byte[] bytes : List.of(new byte[0], new byte[9000], torn, begun)) {
      Files.write(leftover, bytes);
      try (Device device = open(file, Io.CHANNEL)) {
        assertEquals(0, device.fileBytes());
        device.publish();
      }
      assertEquals(List.of("cache.carafe"), names());
      Files.createLink(leftover, file); // killed between the link and the removal of the other name
      open(file, Io.CHANNEL).close();
      assertEquals(List.of("cache.carafe"), names());
      Files.write(leftover, bytes); // beside a file that exists
      open(file, Io.CHANNEL).close();
      assertEquals(List.of("cache.carafe"), names());
      Files.delete(file);
    }
  }

  @Test
  void aForeignFileUnderTheTemporaryNameStays() throws IOException { // D4
    Path foreign = FileCreation.temporary(file);
    Files.write(foreign, FOREIGN);
    DeviceException refused =
        assertThrows(DeviceException.class, () -> open(file, Io.CHANNEL).close());
    assertTrue(refused.toString().contains(foreign.toString()), refused::toString);
    assertArrayEquals(FOREIGN, Files.readAllBytes(foreign));
    Files.delete(foreign);
    Files.createSymbolicLink(foreign, directory.resolve("elsewhere"));
    assertThrows(DeviceException.class, () -> open(file, Io.CHANNEL).close());
    assertFalse(Files.exists(directory.resolve("elsewhere")), "a link was followed");
  }

  @Test
  void oneOfTwoThatCreateItAtOnceIsRefused() throws IOException { // D4
    OpenFile other = Objects.requireNonNull(OpenFile.create(FileCreation.temporary(file)));
    try (other) {
      assertTrue(other.lock(file));
      FileInUseException refused =
          assertThrows(FileInUseException.class, () -> open(file, Io.CHANNEL).close());
      assertEquals(file, refused.file());
    }
    open(file, Io.CHANNEL).close();
    assertEquals(List.of(), names());
  }

  @Test
  void aFileThatAppearsMeanwhileIsNotReplaced() throws IOException { // D4
    try (Device device = open(file, Io.CHANNEL)) {
      Files.write(file, FOREIGN);
      assertThrows(FileInUseException.class, device::publish);
    }
    assertArrayEquals(FOREIGN, Files.readAllBytes(file));
    assertEquals(List.of("cache.carafe"), names());
  }

  /** Regression: the path was reopened after locking, so writes could go to another file. */
  @ParameterizedTest
  @EnumSource(names = {"CHANNEL", "URING"})
  void aLinkThatChangesAfterTheLockIsIgnored(Io io) throws IOException { // S1
    Path first = Files.createFile(directory.resolve("first"));
    Path second = Files.createFile(directory.resolve("second"));
    Files.createSymbolicLink(file, first);
    FileLock lock = FileLock.acquire(file);
    Files.delete(file);
    Files.createSymbolicLink(file, second);
    try (Device device = Devices.open(file, io, List.of(), lock)) {
      Assumptions.assumeTrue(device.info().kind() != DeviceInfo.Kind.CHANNEL || io == Io.CHANNEL);
      device.setFileBytes(5000);
      assertEquals(5000, Files.size(first));
      assertEquals(0, Files.size(second));
      device.publish();
      assertThrows(FileInUseException.class, () -> FileLock.acquire(first));
      FileLock.acquire(second).close();
    }
  }

  @Test
  void aLinkToAFileThatIsMissingCreatesThatFile() throws IOException {
    Path target = Files.createDirectory(directory.resolve("sub")).resolve("target");
    Files.createSymbolicLink(file, Path.of("sub", "target"));
    try (Device device = open(file, Io.CHANNEL)) {
      device.setFileBytes(10);
      device.publish();
    }
    assertTrue(Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS));
    assertTrue(Files.isSymbolicLink(file));
    Path loop = Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
    assertThrows(DeviceException.class, () -> FileLock.acquire(loop));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "missing/cache", "plain/cache"})
  void anImpossiblePathIsRefusedWithItsName(String name) throws IOException { // F4
    Files.createFile(directory.resolve("plain"));
    Path impossible = directory.resolve(name);
    DeviceException refused =
        assertThrows(DeviceException.class, () -> FileLock.acquire(impossible));
    assertTrue(refused.toString().contains(impossible.toString()), refused::toString);
    assertEquals(List.of("plain"), names());
  }

  @Test
  void aNameOfMaximumLengthCanBeCreated() throws IOException {
    file = directory.resolve("n".repeat(255));
    try (Device device = open(file, Io.CHANNEL)) {
      device.publish();
    }
    assertTrue(Files.exists(file));
  }

  @Test
  void aClosedFileCanBeOpenedAtOnce() { // the kernel releases a ring's file with a delay
    for (int i = 0; i < 20; i++) {
      try (Device device = open(file, Io.URING)) {
        device.publish();
      }
      open(file, Io.CHANNEL).close();
    }
  }
}
