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
  private static final int PROT_NONE = 0;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MADV_DONTNEED = 4;
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
    return map(Arena.ofShared(), bytes, bytes, hugePages);
  }

  /**
   * Maps zeroed memory with huge pages, and reserves addresses behind it, to which it can {@link
   * #extend}. Addresses take no memory. If the system refuses them, the mapping can't be extended.
   *
   * @param bytes at least 1, in whole pages
   * @param reservedBytes the length of all addresses, at least {@code bytes}
   * @return an open mapping, whose segment has all reserved addresses
   * @throws OutOfMemoryError if the system has no more memory
   */
  @SuppressWarnings("MustBeClosedChecker") // the mapping owns the arena and closes it
  public static NativeMapping reserve(long bytes, long reservedBytes) {
    if (reservedBytes > bytes && Platform.isSupported()) {
      try {
        return map(Arena.ofShared(), bytes, reservedBytes, true);
      } catch (OutOfMemoryError e) {
        // the limit on addresses (ulimit -v) may be lower
      }
    }
    return map(bytes, true);
  }

  /**
   * Makes reserved addresses usable.
   *
   * @param fromByte the present length
   * @param bytes how many more; within the segment, in whole pages
   * @throws OutOfMemoryError if the system has no more; nothing changed
   */
  public void extend(long fromByte, long bytes) {
    MemorySegment added = segment.asSlice(fromByte, bytes);
    int result = Libc.mprotect(added.address(), bytes, PROT_READ_WRITE);
    if (result < 0) {
      throw outOfMemory("mprotect", bytes, -result);
    }
    var _ = Libc.madvise(added.address(), bytes, MADV_HUGEPAGE);
  }

  /**
   * Gives the memory of addresses back to the system. They stay usable, and are zero when they are
   * read next. Without madvise the memory stays in use.
   *
   * @param fromByte the first byte, at the beginning of a page
   * @param bytes in whole pages
   */
  public void discard(long fromByte, long bytes) {
    if (Platform.isSupported()) {
      var _ = Libc.madvise(segment.asSlice(fromByte, bytes).address(), bytes, MADV_DONTNEED);
    }
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
    return map(Arena.ofConfined(), bytes, bytes, false);
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
    return segment(Arena.ofAuto(), bytes, bytes, hugePages);
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

  private static NativeMapping map(Arena arena, long bytes, long reservedBytes, boolean hugePages) {
    boolean mapped = false;
    try {
      NativeMapping mapping =
          new NativeMapping(arena, segment(arena, bytes, reservedBytes, hugePages));
      mapped = true;
      return mapping;
    } finally {
      if (!mapped) {
        arena.close();
      }
    }
  }

  private static MemorySegment segment(
      Arena arena, long bytes, long reservedBytes, boolean hugePages) {
    if (!Platform.isSupported()) {
      return allocate(arena, bytes);
    }
    long align = bytes >= Limits.HUGE_PAGE_BYTES ? Limits.HUGE_PAGE_BYTES : Limits.PAGE_BYTES;
    long length = Bits.roundUp(reservedBytes, Limits.PAGE_BYTES);
    long mapped = length + align - Limits.PAGE_BYTES;
    int protection = reservedBytes > bytes ? PROT_NONE : PROT_READ_WRITE;
    long base = Libc.mmap(mapped, protection, MAP_PRIVATE_ANONYMOUS, -1, 0);
    if (base < 0 && base > -Limits.PAGE_BYTES) {
      throw outOfMemory("mmap", bytes, (int) -base);
    }
    long start = Bits.roundUp(base, align);
    MemorySegment segment = null;
    try {
      int result = protection == PROT_NONE ? Libc.mprotect(start, bytes, PROT_READ_WRITE) : 0;
      if (result < 0) {
        throw outOfMemory("mprotect", bytes, -result);
      }
      segment =
          MemorySegment.ofAddress(start)
              .reinterpret(reservedBytes, arena, _ -> unmap(start, length));
    } finally {
      if (segment == null) {
        trim(base, mapped);
      }
    }
    trim(base, start - base);
    trim(start + length, base + mapped - start - length);
    if (hugePages && bytes >= Limits.HUGE_PAGE_BYTES) {
      var _ = Libc.madvise(start, bytes, MADV_HUGEPAGE); // a hint: memory works without huge pages
    }
    return segment;
  }

  private static OutOfMemoryError outOfMemory(String function, long bytes, int errno) {
    return new OutOfMemoryError(
        function + " of " + bytes + " bytes failed with " + Errno.explain(errno));
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
