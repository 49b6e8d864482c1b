package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.FileInUseException;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.Platform;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive lock on a cache's file (contract D4): against other processes by {@code flock} on a
 * descriptor of its own, which no other open or close of the file disturbs, and against this
 * process by its real path.
 */
final class FileLock implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path real;
  private final int fd;
  private final @Nullable FileChannel channel;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FileLock(Path real, int fd, @Nullable FileChannel channel) {
    this.real = real;
    this.fd = fd;
    this.channel = channel;
  }

  /** Creates the file if it is missing, and locks it. */
  static FileLock take(Path path) {
    create(path);
    return take(path, false);
  }

  /** Locks a file that is there, without opening it for writing. */
  static FileLock takeReadOnly(Path path) {
    return take(path, true);
  }

  private static FileLock take(Path path, boolean readOnly) {
    Path real = realPath(path);
    if (!HELD.add(real)) {
      throw new FileInUseException(path, "is open in this process already; close that cache first");
    }
    boolean taken = false;
    try {
      FileLock lock =
          Platform.isLinux() ? byFlock(path, real, readOnly) : byChannel(path, real, readOnly);
      taken = true;
      return lock;
    } finally {
      if (!taken) {
        HELD.remove(real);
      }
    }
  }

  private static void create(Path path) {
    if (Files.isDirectory(path)) {
      throw new DeviceException("open", path, 21, "is a directory; name a file in it", null);
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new DeviceException("open", path, 0, "is not a regular file; name another", null);
    }
    Path directory = path.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      throw new DeviceException(
          "open", path, Errno.ENOENT, "the directory " + directory + " does not exist", null);
    }
    try (FileChannel created =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (created.size() == 0) {
        syncDirectory(path, directory == null ? Path.of(".") : directory);
      }
    } catch (IOException e) {
      throw new DeviceException(
          "open", path, 0, "can't be opened for reading and writing (" + e + ")", e);
    }
  }

  /**
   * A file that was just created is there after a power cut only if its directory is synced (D2).
   */
  private static void syncDirectory(Path path, Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      LOG.log(
          Level.INFO,
          path
              + " is new, and its directory can't be synced here: a power cut may undo that, "
              + e);
    }
  }

  private static Path realPath(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new DeviceException("open", path, 0, "has no real path (" + e + ")", e);
    }
  }

  private static FileLock byFlock(Path path, Path real, boolean readOnly) {
    int fd = Libc.open(real.toString(), readOnly ? Libc.O_RDONLY : Libc.O_RDWR);
    if (fd < 0) {
      throw new DeviceException("open", path, -fd, Errno.words(-fd), null);
    }
    int locked = Libc.tryLock(fd);
    if (locked < 0) {
      var _ = Libc.close(fd);
      if (locked == -Errno.EAGAIN) {
        throw new FileInUseException(path, "is open in another process; a file has one cache");
      }
      throw new DeviceException("flock", path, -locked, Errno.words(-locked), null);
    }
    return new FileLock(real, fd, null);
  }

  private static FileLock byChannel(Path path, Path real, boolean readOnly) {
    try {
      FileChannel channel =
          readOnly
              ? FileChannel.open(real, StandardOpenOption.READ)
              : FileChannel.open(real, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (channel.tryLock(0, Long.MAX_VALUE, readOnly) == null) {
        channel.close();
        throw new FileInUseException(path, "is open in another process; a file has one cache");
      }
      return new FileLock(real, -1, channel);
    } catch (IOException e) {
      throw new DeviceException("lock", path, 0, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * A path to the very file that is locked, whatever has been renamed, replaced or deleted since.
   *
   * @param path where it was; the answer where there is nothing better
   */
  Path locked(Path path) {
    Path byDescriptor = Path.of("/proc/self/fd", String.valueOf(fd));
    return fd >= 0 && Files.exists(byDescriptor) ? byDescriptor : path;
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return; // path and descriptor may be somebody else's by now
    }
    if (fd >= 0) {
      var _ = Libc.close(fd);
    }
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new IllegalStateException("the lock of " + real + " can't be given back", e);
      }
    }
    HELD.remove(real);
  }
}
