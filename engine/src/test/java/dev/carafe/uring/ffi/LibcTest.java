package dev.carafe.uring.ffi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each call returns what the C library returned, or the negated errno of its own failure and not of
 * an earlier one (contract F1: every result of the system is checked).
 */
final class LibcTest {
  private static final int EBADF = 9;
  private static final int EISDIR = 21;

  @TempDir Path directory;

  @BeforeAll
  static void onLinux() {
    Assumptions.assumeTrue(Platform.isSupported(), "this is not Linux");
  }

  @Test
  void aFailureIsTheNegatedErrno() {
    String missing = directory.resolve("missing").toString();
    assertEquals(-Errno.ENOENT, Libc.open(missing, Libc.O_RDWR));
    assertEquals(-EISDIR, Libc.open(directory.toString(), Libc.O_RDWR));
    assertEquals(-EBADF, Libc.close(-1));
    assertEquals(-EBADF, Libc.truncate(-1, 0));
    assertEquals(-EBADF, Libc.punchHole(-1, 0, 4096));
    assertEquals(-EBADF, Libc.tryLock(-1));
    assertEquals(-EBADF, Libc.fileBytes(-1));
    assertEquals(-Errno.ENOENT, Libc.open(missing, Libc.O_RDWR));
  }

  @Test
  void aSuccessAfterAFailureIsASuccess() {
    assertEquals(-EBADF, Libc.close(-1));
    int fd = Libc.open(directory.resolve("made").toString(), Libc.O_RDWR | Libc.O_CREAT);
    assertTrue(fd >= 0, () -> Errno.describe(-fd));
    assertEquals(0, Libc.fileBytes(fd));
    assertEquals(0, Libc.close(fd));
    assertEquals(-EBADF, Libc.close(fd));
  }

  @Test
  void aLengthPastFourGibibytes() throws IOException {
    Path file = directory.resolve("long");
    int fd = Libc.open(file.toString(), Libc.O_RDWR | Libc.O_CREAT);
    long bytes = (1L << 32) + 1;
    assertEquals(0, Libc.truncate(fd, bytes));
    assertEquals(bytes, Libc.fileBytes(fd));
    assertEquals(bytes, Files.size(file));
    assertEquals(-Errno.EINVAL, Libc.truncate(fd, -1));
    assertEquals(bytes, Libc.fileBytes(fd));
    assertEquals(0, Libc.close(fd));
  }

  @Test
  void aHoleReadsAsZeros() throws IOException {
    Path file = directory.resolve("holes");
    byte[] bytes = new byte[4 * 4096];
    Arrays.fill(bytes, (byte) 7);
    Files.write(file, bytes);
    int fd = Libc.open(file.toString(), Libc.O_RDWR);
    int result = Libc.punchHole(fd, 4096, 2 * 4096);
    if (result != -Errno.EOPNOTSUPP) {
      assertEquals(0, result);
      Arrays.fill(bytes, 4096, 3 * 4096, (byte) 0);
    }
    assertArrayEquals(bytes, Files.readAllBytes(file));
    assertEquals(0, Libc.close(fd));
  }

  @Test
  void aLockBelongsToOneDescriptor() {
    String file = directory.resolve("locked").toString();
    int first = Libc.open(file, Libc.O_RDWR | Libc.O_CREAT);
    int second = Libc.open(file, Libc.O_RDWR);
    int third = Libc.open(file, Libc.O_RDWR);
    assertEquals(0, Libc.tryLock(first));
    assertEquals(-Errno.EAGAIN, Libc.tryLock(second));
    assertEquals(0, Libc.close(third), "closing another descriptor must not give the lock back");
    assertEquals(-Errno.EAGAIN, Libc.tryLock(second));
    assertEquals(0, Libc.close(first));
    assertEquals(0, Libc.tryLock(second));
    assertEquals(0, Libc.close(second));
  }
}
