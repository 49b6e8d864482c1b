package dev.carafe.uring.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** File attributes from {@code statx}. */
public final class FileStat {
  private static final int NR_STATX = System.getProperty("os.arch").equals("aarch64") ? 291 : 332;
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_INO = 0x100;
  private static final int STATX_DIOALIGN = 0x2000;
  private static final int STATX_BYTES = 256;
  private static final int MASK_AT = 0;
  private static final int INODE_AT = 0x20;
  private static final int DEVICE_MAJOR_AT = 0x88;
  private static final int DEVICE_MINOR_AT = 0x8C;
  private static final int DIO_MEM_AT = 0x98;
  private static final int DIO_FILE_AT = 0x9C;

  private FileStat() {}

  /**
   * The identity of a file, unique in the system.
   *
   * @param major of its device
   * @param minor of its device
   * @param inode on that device
   */
  public record Identity(int major, int minor, long inode) {}

  private interface StatxReader<T> {
    @Nullable T read(MemorySegment statx);
  }

  private static <T> @Nullable T stat(
      int fd, String path, int flags, int mask, StatxReader<T> reader) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      MemorySegment statx = arena.allocate(STATX_BYTES, Long.BYTES);
      long result = Libc.syscall(NR_STATX, fd, name.address(), flags, mask, statx.address());
      return result < 0 ? null : reader.read(statx);
    }
  }

  private static Identity identity(MemorySegment statx) {
    return new Identity(
        statx.get(JAVA_INT, DEVICE_MAJOR_AT),
        statx.get(JAVA_INT, DEVICE_MINOR_AT),
        statx.get(JAVA_LONG, INODE_AT));
  }

  /**
   * The identity of an open file.
   *
   * @param fd an open file
   * @return null if statx fails
   */
  public static @Nullable Identity identityOf(int fd) {
    return stat(fd, "", AT_EMPTY_PATH, STATX_INO, FileStat::identity);
  }

  /**
   * The identity of the file that a path names now. Symbolic links are not followed.
   *
   * @param path the file
   * @return null if the path names no file
   */
  public static @Nullable Identity identityOf(String path) {
    return stat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO, FileStat::identity);
  }

  /**
   * The alignment that O_DIRECT transfers of a file need.
   *
   * @param fd an open file
   * @return the larger of memory and offset alignment in bytes; 0 if the file does not support
   *     O_DIRECT or the kernel does not report the alignment
   */
  public static int directAlignmentBytes(int fd) {
    Integer bytes = stat(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, FileStat::directAlignment);
    return bytes == null ? 0 : bytes;
  }

  private static @Nullable Integer directAlignment(MemorySegment statx) {
    int memory = statx.get(JAVA_INT, DIO_MEM_AT);
    int file = statx.get(JAVA_INT, DIO_FILE_AT);
    boolean reported = (statx.get(JAVA_INT, MASK_AT) & STATX_DIOALIGN) != 0;
    return !reported || memory == 0 || file == 0 ? null : Math.max(memory, file);
  }
}
