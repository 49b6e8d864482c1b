package dev.carafe.device;

import dev.carafe.FileInUseException;
import dev.carafe.FileOptions;
import dev.carafe.uring.LockLimit;
import dev.carafe.uring.Ring;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.FileStat;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.Platform;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Opens the best available device (contract F2). */
public final class Devices {
  private static final int RING_ENTRIES = 256;

  /**
   * The length of every transfer of the log is a multiple of it. It is also the alignment if the
   * kernel reports none.
   */
  private static final int BLOCK_BYTES = 4096;

  static final String NOT_DIRECT = "no O_DIRECT: ";

  private Devices() {}

  /**
   * Opens or creates the file, locks it, and falls back to lesser devices as needed.
   *
   * @param file its directory must exist
   * @param io the requested device; AUTO allows fallbacks
   * @param fixed memory to register as fixed buffers
   * @return an open device
   */
  public static Device open(Path file, FileOptions.Io io, List<MemorySegment> fixed) {
    FileLock lock = FileLock.acquire(file);
    boolean opened = false;
    try {
      Device device = open(file, io, fixed, lock);
      opened = true;
      return device;
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  /**
   * Opens an existing file for inspection and locks it. The file does not change: writes are
   * discarded.
   *
   * @param file not open in a cache
   * @return an open device
   */
  public static Device openReadOnly(Path file) {
    FileLock lock = FileLock.acquireReadOnly(file);
    boolean opened = false;
    try {
      Device device = ReadOnlyDevice.locked(file, lock);
      opened = true;
      return device;
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  /**
   * Opens an existing file for inspection beside a cache that has it open, or opens it meanwhile.
   * Writes are discarded. On other systems than Linux, where a second open file can release the
   * lock of the first, the file is locked as by {@link #openReadOnly}.
   *
   * @param file may be open in a cache
   * @return an open device
   */
  public static ReadOnlyDevice openShared(Path file) {
    return Platform.isSupported()
        ? ReadOnlyDevice.shared(file)
        : ReadOnlyDevice.locked(file, FileLock.acquireReadOnly(file));
  }

  /**
   * Creates a file that only its owner may read and write, under a temporary name. {@link
   * Device#publish} gives it its name; closing it before that deletes it.
   *
   * @param file names no file
   * @return an open device on an empty file
   * @throws FileInUseException if the file exists, or another process creates it
   */
  public static Device create(Path file) {
    FileLock lock = FileLock.acquire(file);
    boolean opened = false;
    try {
      if (!lock.isCreated()) {
        throw new FileInUseException(file, "exists; use another path, or remove it");
      }
      Device device = open(file, FileOptions.Io.AUTO, List.of(), lock);
      opened = true;
      return device;
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  static Device open(Path file, FileOptions.Io io, List<MemorySegment> fixed, FileLock lock) {
    if (io == FileOptions.Io.CHANNEL) {
      return new ChannelDevice(file, lock, "");
    }
    List<String> degradations = new ArrayList<>();
    Device device = openRing(file, io, fixed, lock, degradations);
    if (device != null) {
      return device;
    }
    String reason = String.join("; ", degradations);
    if (io != FileOptions.Io.AUTO) {
      throw new IllegalArgumentException(
          "FileOptions.Io." + io + " is required but not available: " + reason);
    }
    return new ChannelDevice(file, lock, reason);
  }

  private static @Nullable Device openRing(
      Path file,
      FileOptions.Io io,
      List<MemorySegment> fixed,
      FileLock lock,
      List<String> degradations) {
    if (isDenied("uring")) {
      degradations.add(
          "no io_uring: the system property carafe.io.deny contains uring; remove it there");
      return null;
    }
    if (!Platform.isSupported()) {
      degradations.add("no io_uring: " + Platform.unsupportedReason());
      return null;
    }
    UringDevice.Access access = access(lock, degradations);
    Ring ring = null;
    boolean taken = false;
    try {
      Ring.Opened opened = openRing(lock.fd());
      if (!(opened instanceof Ring.Opened.Ready(Ring ready))) {
        degradations.add(((Ring.Opened.Refused) opened).reason());
        return null;
      }
      ring = ready;
      FixedMemory registered = io == FileOptions.Io.URING ? null : register(ring, io, fixed);
      if (io == FileOptions.Io.FIXED_BUFFERS && registered != null && registered.bytes() == 0) {
        degradations.add(registered.reason());
        return null;
      }
      String reasons = String.join("; ", degradations);
      taken = true;
      return new UringDevice(file, ring, lock, access, reasons, registered);
    } finally {
      if (!taken && ring != null) {
        ring.close();
      }
    }
  }

  /** Opens a ring; retries for up to 100 ms while the kernel lacks memory. */
  private static Ring.Opened openRing(int fd) {
    Ring.Opened[] opened = {new Ring.Opened.Refused(0, "")};
    var _ =
        FixedMemory.retryWhileOutOfMemory(() -> {
          opened[0] = Ring.open(RING_ENTRIES, fd);
          return opened[0] instanceof Ring.Opened.Refused(int errno, String reason) ? errno : 0;
        });
    return opened[0];
  }

  /** Registers memory. FIXED_BUFFERS requires all of it; AUTO accepts a part. */
  private static FixedMemory register(Ring ring, FileOptions.Io io, List<MemorySegment> fixed) {
    boolean partly = io != FileOptions.Io.FIXED_BUFFERS;
    return isDenied("fixed")
        ? new FixedMemory(
            0,
            "no fixed buffers: the system property carafe.io.deny contains fixed; remove it there")
        : FixedMemory.register(ring::register, fixed, LockLimit.bytes(), partly);
  }

  /** Sets O_DIRECT on the locked descriptor, which is the one used for transfers (contract S1). */
  private static UringDevice.Access access(FileLock lock, List<String> degradations) {
    if (isDenied("direct")) {
      degradations.add(
          NOT_DIRECT + "the system property carafe.io.deny contains direct; remove it there");
      return new UringDevice.Access(false, 1);
    }
    int refused = Libc.setDirect(lock.fd(), true);
    if (refused < 0) {
      degradations.add(
          NOT_DIRECT
              + "fcntl of O_DIRECT failed with "
              + Errno.describe(-refused)
              + "; transfers use the page cache; to avoid that, put the file on ext4, XFS or"
              + " btrfs");
      return new UringDevice.Access(false, 1);
    }
    int alignment = FileStat.directAlignmentBytes(lock.fd());
    String refusal = explainNotDirect(alignment);
    if (refusal != null) {
      degradations.add(refusal);
      var _ = Libc.setDirect(lock.fd(), false);
      return new UringDevice.Access(false, 1);
    }
    return new UringDevice.Access(true, alignment > 0 ? alignment : BLOCK_BYTES);
  }

  /**
   * Explains why O_DIRECT with this alignment can't transfer blocks of the log; returns null if it
   * can.
   */
  static @Nullable String explainNotDirect(int alignmentBytes) {
    return alignmentBytes <= 0 || BLOCK_BYTES % alignmentBytes == 0
        ? null
        : NOT_DIRECT
            + "the file system transfers in sectors of "
            + alignmentBytes
            + " bytes, but the log's blocks have "
            + BLOCK_BYTES
            + " bytes; transfers use the page cache; to avoid that, put the file on a file system"
            + " with sectors of 512 or 4096 bytes (mkfs.xfs -s size=4096)";
  }

  private static boolean isDenied(String what) {
    return Set.of(System.getProperty("carafe.io.deny", "").split(",")).contains(what);
  }
}
