package dev.carafe.device;

import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.FileStat;
import dev.carafe.uring.ffi.FileStat.Identity;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.Platform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One open file: a descriptor on Linux, a channel elsewhere. The lock is taken on it, and transfers
 * use it (contract S1).
 */
final class OpenFile implements AutoCloseable {
  private static final long LOCK_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOCK_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final int fd;
  private final boolean readOnly;
  private @Nullable FileChannel channel;
  private @Nullable Object fileKey;

  private OpenFile(int fd, @Nullable FileChannel channel, boolean readOnly) {
    this.fd = fd;
    this.channel = channel;
    this.readOnly = readOnly;
  }

  /** Opens a file; null if the path names no file, or a symbolic link. */
  static @Nullable OpenFile openExisting(Path file, boolean readOnly) {
    return Platform.isSupported()
        ? byDescriptor(file, readOnly, readOnly ? Libc.O_RDONLY : Libc.O_RDWR)
        : byChannel(file, readOnly, false);
  }

  /** Creates a file that only its owner may read and write; null if the path exists. */
  static @Nullable OpenFile create(Path file) {
    return Platform.isSupported()
        ? byDescriptor(file, false, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL)
        : byChannel(file, false, true);
  }

  private static @Nullable OpenFile byDescriptor(Path file, boolean readOnly, int flags) {
    int fd = Libc.open(file.toString(), flags | Libc.O_NOFOLLOW);
    boolean creating = (flags & Libc.O_CREAT) != 0;
    boolean raced = creating ? fd == -Errno.EEXIST : fd == -Errno.ENOENT || fd == -Errno.ELOOP;
    if (fd < 0 && !raced) {
      String operation = creating ? "create" : "open";
      throw SystemError.of(-fd).during(operation, file);
    }
    return raced ? null : new OpenFile(fd, null, readOnly);
  }

  private static @Nullable OpenFile byChannel(Path file, boolean readOnly, boolean creating) {
    try {
      OpenFile open = new OpenFile(-1, openAt(file, readOnly, creating), readOnly);
      open.fileKey = keyOf(file);
      return open;
    } catch (FileAlreadyExistsException e) {
      return null;
    } catch (NoSuchFileException e) {
      if (!creating) {
        return null;
      }
      throw SystemError.of(e).during("create", file);
    } catch (IOException e) {
      throw SystemError.of(e).during(creating ? "create" : "open", file);
    }
  }

  private static FileChannel openAt(Path file, boolean readOnly, boolean creating)
      throws IOException {
    Set<OpenOption> options = new HashSet<>();
    options.add(StandardOpenOption.READ);
    if (!readOnly) {
      options.add(StandardOpenOption.WRITE);
    }
    if (creating) {
      options.add(StandardOpenOption.CREATE_NEW);
    } else {
      options.add(LinkOption.NOFOLLOW_LINKS);
    }
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] attributes =
        creating && posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    return FileChannel.open(file, options, attributes);
  }

  /** The identity of a file; null if the system provides none. */
  private static @Nullable Object keyOf(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  /** {@return the descriptor; negative if the C library is not available} */
  int fd() {
    return fd;
  }

  /**
   * Takes the lock, waiting up to 1 s; false if another open file holds it. The kernel releases the
   * lock of a killed process only when the last transfer of its ring has completed, so that process
   * writes nothing after this one has acquired the lock.
   */
  boolean lock(Path path) {
    long deadline = System.nanoTime() + LOCK_WAIT_NANOS;
    while (!tryLock(path)) {
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      LockSupport.parkNanos(LOCK_RETRY_NANOS);
    }
    return true;
  }

  private boolean tryLock(Path path) {
    FileChannel open = channel;
    if (open != null) {
      try {
        return open.tryLock(0, Long.MAX_VALUE, readOnly) != null;
      } catch (IOException e) {
        throw SystemError.of(e).during("lock", path);
      }
    }
    int locked = Libc.tryLock(fd);
    if (locked < 0 && locked != -Errno.EAGAIN) {
      throw SystemError.of(-locked).during("flock", path);
    }
    return locked >= 0;
  }

  /** Whether a path names this file; true if the system provides no identity. */
  boolean isAt(Path file) {
    if (fd < 0) {
      try {
        return fileKey == null || Objects.equals(fileKey, keyOf(file));
      } catch (IOException e) {
        return false;
      }
    }
    Identity identity = FileStat.identityOf(fd);
    return identity == null || identity.equals(FileStat.identityOf(file.toString()));
  }

  /**
   * Opens a channel to this file. On other systems than Linux it returns the locked channel itself:
   * a second one is refused (Windows) or releases the lock when it is closed (macOS). If an
   * interrupt has closed that channel, the file is opened and locked again.
   *
   * @param file the file's path, which may be outdated
   */
  FileChannel openChannel(Path file) throws IOException {
    if (fd >= 0) {
      return secondChannel(file);
    }
    FileChannel open = channel;
    if (open != null && open.isOpen()) {
      return open;
    }
    FileChannel again = openAt(file, readOnly, false);
    channel = again;
    if (!isAt(file) || again.tryLock(0, Long.MAX_VALUE, readOnly) == null) {
      again.close();
      throw new IOException(
          "an interrupt closed the file, and another process locked or replaced it before it was"
              + " locked again; open the cache again");
    }
    return again;
  }

  /**
   * Opens a second channel through {@code /proc}, which works even after a rename, replacement or
   * deletion.
   */
  private FileChannel secondChannel(Path file) throws IOException {
    Path byDescriptor = Path.of("/proc/self/fd", String.valueOf(fd));
    Set<OpenOption> options =
        readOnly
            ? Set.of(StandardOpenOption.READ)
            : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    if (Files.exists(byDescriptor)) {
      return FileChannel.open(byDescriptor, options);
    }
    boolean before = isAt(file);
    FileChannel second = FileChannel.open(file, options);
    if (!before || !isAt(file)) {
      second.close();
      throw new IOException(
          "the path names another file now, and /proc is not mounted; mount /proc, or restore the"
              + " file at its path");
    }
    return second;
  }

  /**
   * Reads the start of the file. On other systems than Linux it uses the locked channel itself, as
   * {@link #openChannel} does.
   *
   * @param file the file's path
   * @param maxBytes the maximum length
   * @return the bytes, fewer if the file is shorter
   */
  byte[] readPrefix(Path file, int maxBytes) throws IOException {
    FileChannel open = openChannel(file);
    try {
      ByteBuffer bytes = ByteBuffer.allocate(maxBytes);
      int count = 0;
      while (count >= 0 && bytes.hasRemaining()) {
        count = open.read(bytes, bytes.position());
      }
      return Arrays.copyOf(bytes.array(), bytes.position());
    } finally {
      if (fd >= 0) {
        open.close();
      }
    }
  }

  @Override
  public void close() {
    if (fd >= 0) {
      var _ = Libc.unlock(fd);
      var _ = Libc.close(fd);
    }
    FileChannel open = channel;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new IllegalStateException(
            "close of the file failed: " + SystemError.of(e).words(), e);
      }
    }
  }
}
