package dev.carafe.device;

import dev.carafe.region.ScopedView;
import dev.carafe.uring.ffi.NativeMapping;
import dev.carafe.uring.ffi.Platform;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Zeroed memory outside the Java heap, valid until it is closed. */
public final class NativeMemory implements AutoCloseable {
  private final NativeMapping mapping;

  private NativeMemory(NativeMapping mapping) {
    this.mapping = mapping;
  }

  /**
   * Maps zeroed memory.
   *
   * @param bytes at least 1
   * @param hugePages whether to request huge pages
   * @return memory that the caller closes
   */
  public static NativeMemory map(long bytes, boolean hugePages) {
    return new NativeMemory(NativeMapping.map(bytes, hugePages));
  }

  /**
   * Maps zeroed memory with huge pages that can be extended.
   *
   * @param bytes at least 1, in whole pages
   * @param maxBytes the maximum length, to which addresses are reserved, which take no memory; the
   *     system may refuse them
   * @return memory that the caller closes, whose segment has the maximum length
   */
  public static NativeMemory mapExtensible(long bytes, long maxBytes) {
    return new NativeMemory(NativeMapping.reserve(bytes, maxBytes));
  }

  /**
   * Makes more of the segment usable.
   *
   * @param fromByte the present length
   * @param bytes how many more, in whole pages
   * @throws OutOfMemoryError if the system has no more; nothing changed
   */
  public void extend(long fromByte, long bytes) {
    mapping.extend(fromByte, bytes);
  }

  /**
   * Gives memory back to the system, as far as it can take it. The bytes stay usable, and their
   * content is lost.
   *
   * @param fromByte the first byte, at the beginning of a page
   * @param bytes in whole pages
   */
  public void discard(long fromByte, long bytes) {
    mapping.discard(fromByte, bytes);
  }

  /**
   * Describes the limitation of memory if native access is denied.
   *
   * @return a clause with the flag that lifts it; empty if native access is not denied
   */
  public static String whyLimited() {
    return ScopedView.isCopy() ? String.valueOf(Platform.unsupportedReason()) : "";
  }

  /**
   * Maps memory that only the calling thread can access and close. Closing it needs no handshake
   * with other threads.
   *
   * @param bytes at least 1
   * @return memory that the caller closes
   */
  public static NativeMemory mapConfined(long bytes) {
    return new NativeMemory(NativeMapping.mapConfined(bytes));
  }

  /**
   * Maps zeroed memory that the garbage collector frees. Until then all threads can access it.
   *
   * @param bytes at least 1
   * @param hugePages whether to request huge pages
   * @return memory that is valid while its segment is reachable
   */
  public static MemorySegment mapCollected(long bytes, boolean hugePages) {
    return NativeMapping.mapCollected(bytes, hugePages);
  }

  /**
   * Returns all memory of the process. An access to a constant segment of it checks neither a scope
   * nor bounds, so the caller must keep the memory that it accesses mapped.
   *
   * @return null if native access is denied
   */
  public static @Nullable MemorySegment ofProcess() {
    return ScopedView.isCopy() ? null : NativeMapping.ofProcess();
  }

  /**
   * The memory.
   *
   * @return a segment of the requested length
   */
  public MemorySegment segment() {
    return mapping.segment();
  }

  @Override
  public void close() {
    mapping.close();
  }
}
