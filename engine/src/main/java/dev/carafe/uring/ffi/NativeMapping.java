package dev.carafe.uring.ffi;

import dev.carafe.base.Bits;
import dev.carafe.base.Limits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Anonymous memory from mmap: untouched pages take no memory, huge pages can be requested before
 * the first access, and the start is page-aligned. Without mmap, an arena allocates the memory.
 */
public final class NativeMapping implements AutoCloseable {
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MADV_HUGEPAGE = 14;

  static volatile boolean unmapDisabled;

  private final Arena arena;
  private final MemorySegment segment;

  private NativeMapping(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
  }

  /**
   * Maps zeroed memory.
   *
   * @param bytes at least 1
   * @param hugePages whether to request huge pages
   * @return an open mapping; from 2 MiB on it is aligned to huge pages
   * @throws OutOfMemoryError if the system has no more
   */
  @SuppressWarnings("MustBeClosedChecker") // the mapping owns the arena and closes it
  public static NativeMapping map(long bytes, boolean hugePages) {
    return map(Arena.ofShared(), bytes, hugePages);
  }

  /**
   * Maps zeroed memory that only the calling thread can access and close. Closing it needs no
   * handshake with other threads, unlike closing shared memory.
   *
   * @param bytes at least 1
   * @return an open mapping
   * @throws OutOfMemoryError if the system has no more
   */
  @SuppressWarnings("MustBeClosedChecker") // the mapping owns the arena and closes it
  public static NativeMapping mapConfined(long bytes) {
    return map(Arena.ofConfined(), bytes, false);
  }

  /**
   * Maps zeroed memory that the garbage collector frees.
   *
   * @param bytes at least 1
   * @param hugePages whether to request huge pages
   * @return memory that is valid while its segment is reachable
   * @throws OutOfMemoryError if the system has no more
   */
  public static MemorySegment mapCollected(long bytes, boolean hugePages) {
    return segment(Arena.ofAuto(), bytes, hugePages);
  }

  /**
   * Returns all memory of the process.
   *
   * @return a segment whose offsets are addresses
   * @throws IllegalCallerException if native access is denied
   */
  public static MemorySegment ofProcess() {
    return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  }

  private static NativeMapping map(Arena arena, long bytes, boolean hugePages) {
    boolean mapped = false;
    try {
      NativeMapping mapping = new NativeMapping(arena, segment(arena, bytes, hugePages));
      mapped = true;
      return mapping;
    } finally {
      if (!mapped) {
        arena.close();
      }
    }
  }

  private static MemorySegment segment(Arena arena, long bytes, boolean hugePages) {
    if (!Platform.isSupported()) {
      return allocate(arena, bytes);
    }
    long align = bytes >= Limits.HUGE_PAGE_BYTES ? Limits.HUGE_PAGE_BYTES : Limits.PAGE_BYTES;
    long length = Bits.roundUp(bytes, Limits.PAGE_BYTES);
    long mapped = length + align - Limits.PAGE_BYTES;
    long base = Libc.mmap(mapped, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
    if (base < 0 && base > -Limits.PAGE_BYTES) {
      throw new OutOfMemoryError(
          "mmap of " + bytes + " bytes failed with " + Errno.explain((int) -base));
    }
    long start = Bits.roundUp(base, align);
    MemorySegment segment = null;
    try {
      segment = MemorySegment.ofAddress(start).reinterpret(bytes, arena, _ -> unmap(start, length));
    } finally {
      if (segment == null) {
        trim(base, mapped);
      }
    }
    trim(base, start - base);
    trim(start + length, base + mapped - start - length);
    if (hugePages && length >= Limits.HUGE_PAGE_BYTES) {
      var _ = Libc.madvise(start, length, MADV_HUGEPAGE); // a hint: memory works without huge pages
    }
    return segment;
  }

  private static MemorySegment allocate(Arena arena, long bytes) {
    try {
      return arena.allocate(bytes, Limits.PAGE_BYTES);
    } catch (OutOfMemoryError e) {
      OutOfMemoryError explained =
          new OutOfMemoryError(
              bytes
                  + " bytes of native memory could not be allocated: "
                  + e.getMessage()
                  + "; raise -XX:MaxDirectMemorySize, which limits native memory because "
                  + Platform.unsupportedReason());
      explained.initCause(e);
      throw explained;
    }
  }

  private static void unmap(long address, long bytes) {
    if (!unmapDisabled) {
      trim(address, bytes);
    }
  }

  /**
   * Keeps all mappings until the process ends. Called when a ring is closed with operations in
   * flight: the kernel may still write to its memory, so that address range must not be reused.
   */
  public static void disableUnmap() {
    unmapDisabled = true;
  }

  private static void trim(long address, long bytes) {
    if (bytes > 0) {
      var _ = Libc.munmap(address, bytes);
    }
  }

  /**
   * The memory.
   *
   * @return the mapped memory, of the requested length
   */
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    arena.close();
  }
}
