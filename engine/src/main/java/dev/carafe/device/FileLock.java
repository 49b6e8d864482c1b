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
 * The exclusive lock on a cache's file (contract D4): {@code flock} excludes other processes, and a
 * set of real paths excludes other caches of this process. Transfers use the locked descriptor,
 * even if the path names another file later (contract S1).
 */
final class FileLock implements AutoCloseable {
  private static final Set<Path> LOCKED_PATHS = ConcurrentHashMap.newKeySet();
  private static final int EISDIR = 21;
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

  /**
   * Opens and locks a file. A missing file is created, and linked to its name by {@link #publish}.
   */
  static FileLock acquire(Path path) {
    return acquire(path, false);
  }

  /** Locks an existing file, opened for reading only. */
  static FileLock acquireReadOnly(Path path) {
    return acquire(path, true);
  }

  private static FileLock acquire(Path path, boolean readOnly) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Path real = realPath(path);
      if (!LOCKED_PATHS.add(real)) {
        throw new FileInUseException(
            path,
            "is open in this process, in another cache; close that cache first, or give the"
                + " builders of both caches a name to share the file");
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
    throw new DeviceException(
        "open",
        path,
        0,
        "the path named another file at each of "
            + MAX_ATTEMPTS
            + " attempts; stop the process that replaces the file, and open it again",
        null);
  }

  /** One attempt; null if the path named another file, or none, after the lock was taken. */
  private static @Nullable FileLock tryAcquire(Path path, Path real, boolean readOnly) {
    boolean exists = Files.exists(real, LinkOption.NOFOLLOW_LINKS);
    if (!exists && readOnly) {
      throw SystemError.of(Errno.ENOENT).during("open", path);
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
        throw new FileInUseException(
            path, "is open in another process; close it there, or use another file");
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

  /** The path of the file, existing or not, with symbolic links resolved. */
  private static Path realPath(Path path) {
    try {
      Path file = path.toAbsolutePath();
      for (int links = 0; Files.isSymbolicLink(file); links++) {
        if (links == MAX_LINKS) {
          throw SystemError.of(Errno.ELOOP).during("open", path);
        }
        file = file.resolveSibling(Files.readSymbolicLink(file));
      }
      Path name = file.getFileName();
      Path directory = file.getParent();
      if (name == null || directory == null || Files.isDirectory(file)) {
        throw new DeviceException(
            "open", path, EISDIR, "is a directory (EISDIR); use the path of a file", null);
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new DeviceException(
            "open", path, 0, "is not a regular file; use the path of a regular file", null);
      }
      if (!Files.isDirectory(directory)) {
        throw new DeviceException(
            "open",
            path,
            Errno.ENOENT,
            "the directory " + directory + " does not exist (ENOENT); create it",
            null);
      }
      return directory.toRealPath().resolve(name);
    } catch (IOException e) {
      throw SystemError.of(e).during("open", path, "resolving the path");
    }
  }

  /** {@return the locked descriptor; negative if the C library is not available} */
  int fd() {
    return file.fd();
  }

  /** Opens a channel to the locked file, even if it was renamed, replaced or deleted since. */
  FileChannel openChannel() throws IOException {
    return file.openChannel(unpublished.get() ? FileCreation.temporary(real) : real);
  }

  /** Whether this lock created the file, and has not linked it to its name yet. */
  boolean isCreated() {
    return unpublished.get();
  }

  /** Links a created file to its name; does nothing for a file that existed. */
  void publish() {
    if (unpublished.get()) {
      FileCreation.publish(path, real);
      unpublished.set(false);
    }
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return; // the path and the descriptor number may belong to another file now
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
