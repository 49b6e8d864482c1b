package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.FileInUseException;
import dev.carafe.uring.ffi.Errno;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive lock on a cache's file (contract D4): against other processes by {@code flock}, and
 * against this process by its real path. The descriptor that is locked is the one that is read and
 * written, whatever becomes of the path meanwhile (contract S1).
 */
final class FileLock implements AutoCloseable {
  private static final Set<Path> LOCKED_PATHS = ConcurrentHashMap.newKeySet();
  private static final int MAX_LINKS = 40;
  private static final int MAX_ATTEMPTS = 100;

  private final Path path;
  private final Path real;
  private final OpenFile file;
  private final AtomicBoolean unpublished;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FileLock(Path path, Path real, OpenFile file, boolean unpublished) {
    this.path = path;
    this.real = real;
    this.file = file;
    this.unpublished = new AtomicBoolean(unpublished);
  }

  /** Locks a file; one that is missing is created, and has a name when it is published. */
  static FileLock acquire(Path path) {
    return acquire(path, false);
  }

  /** Locks a file that is there, without opening it for writing. */
  static FileLock acquireReadOnly(Path path) {
    return acquire(path, true);
  }

  private static FileLock acquire(Path path, boolean readOnly) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Path real = realPath(path);
      if (!LOCKED_PATHS.add(real)) {
        throw new FileInUseException(
            path, "is open in this process already; close that cache first");
      }
      FileLock lock = null;
      try {
        lock = tryAcquire(path, real, readOnly);
      } finally {
        if (lock == null) {
          LOCKED_PATHS.remove(real);
        }
      }
      if (lock != null) {
        return lock;
      }
    }
    throw new DeviceException("open", path, 0, "is replaced again and again", null);
  }

  /** Null if the path names another file, or none, by now. */
  private static @Nullable FileLock tryAcquire(Path path, Path real, boolean readOnly) {
    boolean exists = Files.exists(real, LinkOption.NOFOLLOW_LINKS);
    if (!exists && readOnly) {
      throw new DeviceException("open", path, Errno.ENOENT, Errno.describe(Errno.ENOENT), null);
    }
    if (!exists) {
      OpenFile created = FileCreation.create(path, real);
      return created == null ? null : new FileLock(path, real, created, true);
    }
    OpenFile existing = OpenFile.openExisting(real, readOnly);
    if (existing == null) {
      return null;
    }
    boolean taken = false;
    try {
      if (!existing.lock(path)) {
        throw new FileInUseException(path, "is open in another process; a file has one cache");
      }
      taken = existing.isAt(real);
    } finally {
      if (!taken) {
        existing.close();
      }
    }
    if (taken && !readOnly) {
      FileCreation.removeLeftovers(path, real);
    }
    return taken ? new FileLock(path, real, existing, false) : null;
  }

  /** Where the file is, or is to be: without symbolic links. */
  private static Path realPath(Path path) {
    try {
      Path file = path.toAbsolutePath();
      for (int links = 0; Files.isSymbolicLink(file); links++) {
        if (links == MAX_LINKS) {
          throw new DeviceException("open", path, Errno.ELOOP, Errno.describe(Errno.ELOOP), null);
        }
        file = file.resolveSibling(Files.readSymbolicLink(file));
      }
      Path name = file.getFileName();
      Path directory = file.getParent();
      if (name == null || directory == null || Files.isDirectory(file)) {
        throw new DeviceException("open", path, 21, "is a directory; name a file in it", null);
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new DeviceException("open", path, 0, "is not a regular file; name another", null);
      }
      if (!Files.isDirectory(directory)) {
        throw new DeviceException(
            "open", path, Errno.ENOENT, "the directory " + directory + " does not exist", null);
      }
      return directory.toRealPath().resolve(name);
    } catch (IOException e) {
      throw new DeviceException("open", path, 0, "has no real path (" + e + ")", e);
    }
  }

  /** The locked descriptor, negative if this is not Linux. */
  int fd() {
    return file.fd();
  }

  /** A channel to the locked file, whatever has been renamed, replaced or deleted since. */
  FileChannel openChannel() throws IOException {
    return file.openChannel(unpublished.get() ? FileCreation.temporary(real) : real);
  }

  /** A file that was created gets its name; nothing happens to another. */
  void publish() {
    if (unpublished.get()) {
      FileCreation.publish(path, real);
      unpublished.set(false);
    }
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return; // path and descriptor may be another file's by now
    }
    try {
      if (unpublished.get()) {
        FileCreation.discard(real);
      }
      file.close();
    } finally {
      LOCKED_PATHS.remove(real);
    }
  }
}
