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
 * How a file is created so that its name never leads to an unfinished one (contract F7): under a
 * temporary name beside it, which it exchanges for its own when it is complete and synced. The
 * temporary file is locked meanwhile, so that one process creates. What an interrupted creation
 * leaves is removed by the next opening.
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

  /** Creates the temporary file, locked; null if the directory has changed meanwhile. */
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
        throw new FileInUseException(path, "is being created by another process");
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
        "create", path, Errno.EEXIST, temporary + " is in the way and no Carafe file", null);
  }

  /**
   * Of a creation that was interrupted: it begins as a Carafe file, with as many bytes of the magic
   * as were written, be it none, and zeros instead of the others.
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
   * Removes what an interrupted creation of a file left, if the file exists and nothing uses it.
   */
  static void removeLeftovers(Path path, Path file) {
    Path temporary = temporary(file);
    if (!Files.exists(temporary, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      if (Files.isSameFile(temporary, file)) {
        delete(temporary); // a second name of the same file
      } else {
        removeLeftover(path, temporary);
      }
    } catch (IOException | DeviceException | FileInUseException e) {
      LOG.log(Level.DEBUG, temporary + " stays: " + e);
    }
  }

  private static void delete(Path temporary) {
    try {
      var _ = Files.deleteIfExists(temporary);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, temporary + " can't be removed: " + e);
    }
  }

  /** A file that was not published is no file. */
  static void discard(Path file) {
    delete(temporary(file));
  }

  /** The temporary file, complete and synced, gets its name; another file is not replaced. */
  static void publish(Path path, Path file) {
    Path temporary = temporary(file);
    try {
      try {
        var _ = Files.createLink(file, temporary);
        delete(temporary);
      } catch (FileAlreadyExistsException e) {
        throw e;
      } catch (UnsupportedOperationException | FileSystemException e) {
        var _ = Files.move(temporary, file); // a file system without links
      }
    } catch (FileAlreadyExistsException e) {
      throw new FileInUseException(path, "was created by another process meanwhile");
    } catch (IOException e) {
      throw new DeviceException("create", path, 0, "can't be given its name (" + e + ")", e);
    }
    syncDirectory(path, Objects.requireNonNull(file.getParent(), "parent"));
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
          path + " is new, and its directory can't be synced: a power cut may undo that, " + e);
    }
  }
}
