package dev.carafe.uring.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The errors of contract F1 and F2 have Linux's numbers and are called by their names. */
final class ErrnoTest {
  @ParameterizedTest
  @CsvSource({
    "1, EPERM",
    "2, ENOENT",
    "4, EINTR",
    "5, EIO",
    "9, EBADF",
    "11, EAGAIN",
    "12, ENOMEM",
    "13, EACCES",
    "14, EFAULT",
    "16, EBUSY",
    "20, ENOTDIR",
    "21, EISDIR",
    "22, EINVAL",
    "27, EFBIG",
    "28, ENOSPC",
    "30, EROFS",
    "38, ENOSYS",
    "95, EOPNOTSUPP",
    "122, EDQUOT",
    "125, ECANCELED",
  })
  void anErrorHasItsName(int errno, String name) {
    String words = Errno.describe(errno);
    assertTrue(words.startsWith(name + " ("), words);
  }

  @Test
  void anErrorWithoutANameKeepsItsNumber() {
    assertEquals("errno 4095", Errno.describe(4095));
    assertEquals("errno 4095", Errno.explain(4095));
  }

  @Test
  void anErrorIsExplainedByWhatToDo() {
    assertEquals(
        "ENOSPC (no space left on device); free space on the file system",
        Errno.explain(Errno.ENOSPC));
  }

  @ParameterizedTest
  @CsvSource({
    "28, No space left on device",
    "5, Input/output error",
    "27, File too large",
    "30, Read-only file system",
    "122, Disk quota exceeded",
    "23, Too many open files in system",
    "24, Too many open files",
    "116, Stale file handle",
    "121, Remote I/O error",
    "0, the text of another exception",
  })
  void anExceptionOfJavaIsKnownByItsText(int errno, String text) {
    assertEquals(errno, Errno.of(new IOException(text)));
    assertEquals(errno, Errno.of(new FileSystemException("/a/file", null, text)));
  }

  @Test
  void anExceptionOfJavaIsKnownByItsClass() {
    assertEquals(Errno.EACCES, Errno.of(new AccessDeniedException("/a/file")));
    assertEquals(Errno.ENOENT, Errno.of(new NoSuchFileException("/a/file")));
    assertEquals(Errno.EEXIST, Errno.of(new FileAlreadyExistsException("/a/file")));
    assertEquals(0, Errno.of(new ClosedChannelException()));
  }

  @Test
  void theConstantsAreLinuxs() {
    assertEquals(1, Errno.EPERM);
    assertEquals(2, Errno.ENOENT);
    assertEquals(4, Errno.EINTR);
    assertEquals(11, Errno.EAGAIN);
    assertEquals(12, Errno.ENOMEM);
    assertEquals(14, Errno.EFAULT);
    assertEquals(16, Errno.EBUSY);
    assertEquals(22, Errno.EINVAL);
    assertEquals(38, Errno.ENOSYS);
    assertEquals(62, Errno.ETIME);
    assertEquals(125, Errno.ECANCELED);
  }
}
