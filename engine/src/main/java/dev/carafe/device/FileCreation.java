package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.FileInUseException;
import dev.carafe.uring.ffi.Errno;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Creates a file atomically (contract F7). The file is written under a temporary name in the same
 * directory, and linked to its path when it is complete and synced. The temporary file is locked,
 * so only one process creates the file. The next opening removes the temporary file of an
 * interrupted creation.
 */
final class FileCreation {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final String SUFFIX = ".carafe-new";
  private static final int MAX_NAME_CHARS = 60;
  private static final byte[] MAGIC = "CARAFE\r\n".getBytes(StandardCharsets.US_ASCII);

  private FileCreation() {}

  /** The temporary name of a file. */
  static Path temporary(Path file) {
    String name = String.valueOf(file.getFileName());
    String unique =
        name.length() <= MAX_NAME_CHARS
            ? name
            : name.substring(0, MAX_NAME_CHARS) + "~" + Integer.toHexString(name.hashCode());
    return file.resolveSibling("." + unique + SUFFIX);
  }

  /**
   * Creates and locks the temporary file; null if the caller must retry, since the directory has
   * changed since.
   */
  static @Nullable OpenFile create(Path path, Path file) {
    Path temporary = temporary(file);
    OpenFile created = OpenFile.create(temporary);
    if (created == null) {
      removeLeftover(path, temporary);
      return null;
    }
    boolean kept = false;
    boolean locked = false;
    try {
      locked = created.lock(path) && created.isAt(temporary);
      kept = locked && !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      return kept ? created : null;
    } finally {
      if (locked && !kept) {
        delete(temporary);
      }
      if (!kept) {
        created.close();
      }
    }
  }

  private static void removeLeftover(Path path, Path temporary) {
    OpenFile leftover = OpenFile.openExisting(temporary, false);
    if (leftover == null && Files.isSymbolicLink(temporary)) {
      throw pathOccupied(path, temporary);
    }
    if (leftover == null) {
      return;
    }
    try (leftover) {
      if (!leftover.lock(path)) {
        throw new FileInUseException(
            path, "is being created by another process; open it again later");
      }
      if (!leftover.isAt(temporary)) {
        return;
      }
      if (!isUnfinished(leftover, temporary)) {
        throw pathOccupied(path, temporary);
      }
      delete(temporary);
    }
  }

  private static DeviceException pathOccupied(Path path, Path temporary) {
    return new DeviceException(
        "create",
        path,
        Errno.EEXIST,
        temporary + " exists and is not a Carafe file (EEXIST); remove or rename it",
        null);
  }

  /**
   * Whether the file is from an interrupted creation: it begins with a prefix of Carafe's magic,
   * possibly empty, followed by zeros.
   */
  private static boolean isUnfinished(OpenFile leftover, Path temporary) {
    try {
      byte[] begin = leftover.readPrefix(temporary, MAGIC.length);
      int written = begin.length;
      while (written > 0 && begin[written - 1] == 0) {
        written--;
      }
      return Arrays.equals(begin, 0, written, MAGIC, 0, written);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Removes the temporary file that an interrupted creation left beside an existing file, unless it
   * is in use.
   */
  static void removeLeftovers(Path path, Path file) {
    Path temporary = temporary(file);
    if (!Files.exists(temporary, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      if (Files.isSameFile(temporary, file)) {
        delete(temporary); // a second link to the same file
      } else {
        removeLeftover(path, temporary);
      }
    } catch (IOException | DeviceException | FileInUseException e) {
      LOG.log(
          Level.DEBUG,
          temporary
              + " from an interrupted creation could not be removed: "
              + SystemError.of(e).words());
    }
  }

  private static void delete(Path temporary) {
    try {
      var _ = Files.deleteIfExists(temporary);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, temporary + " could not be removed: " + SystemError.of(e).words());
    }
  }

  /** Deletes the temporary file of a file that was not published. */
  static void discard(Path file) {
    delete(temporary(file));
  }

  /** Links the complete and synced temporary file to its path; never replaces another file. */
  static void publish(Path path, Path file) {
    Path temporary = temporary(file);
    try {
      try {
        var _ = Files.createLink(file, temporary);
        delete(temporary);
      } catch (FileAlreadyExistsException e) {
        throw e;
      } catch (UnsupportedOperationException | FileSystemException e) {
        var _ = Files.move(temporary, file); // the file system has no hard links
      }
    } catch (FileAlreadyExistsException e) {
      throw new FileInUseException(path, "was created by another process meanwhile; open it again");
    } catch (IOException e) {
      throw SystemError.of(e)
          .during("create", path, "linking the temporary file " + temporary + " to its name");
    }
    syncDirectory(path, Objects.requireNonNull(file.getParent(), "parent"));
  }

  /** Syncs the directory, without which a power cut may remove a new file (D2). */
  private static void syncDirectory(Path path, Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      LOG.log(
          Level.INFO,
          path
              + ": fsync of the directory of this new file failed; the cache is open, but a power"
              + " cut may remove the file: "
              + SystemError.of(e).words());
    }
  }
}
