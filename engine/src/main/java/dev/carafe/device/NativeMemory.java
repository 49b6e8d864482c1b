package dev.carafe.device;

import dev.carafe.region.ScopedView;
import dev.carafe.uring.ffi.NativeMapping;
import dev.carafe.uring.ffi.Platform;
import java.lang.foreign.MemorySegment;

/** Zeroed memory outside of the Java heap, that lives until it is closed. */
public final class NativeMemory implements AutoCloseable {
  private final NativeMapping mapping;

  private NativeMemory(NativeMapping mapping) {
    this.mapping = mapping;
  }

  /**
   * Maps memory.
   *
   * @param bytes how many, at least 1
   * @param hugePages whether to ask for huge pages
   * @return memory that is to be closed
   */
  public static NativeMemory map(long bytes, boolean hugePages) {
    return new NativeMemory(NativeMapping.map(bytes, hugePages));
  }

  /**
   * What memory is without, since native access is denied.
   *
   * @return half a sentence with the flag that restores it; empty if native access is not denied
   */
  public static String whyLimited() {
    return ScopedView.isCopy() ? String.valueOf(Platform.unsupportedReason()) : "";
  }

  /**
   * Maps memory that only the calling thread can access and close, which stops no other thread.
   *
   * @param bytes how many, at least 1
   * @return memory that is to be closed
   */
  public static NativeMemory mapConfined(long bytes) {
    return new NativeMemory(NativeMapping.mapConfined(bytes));
  }

  /**
   * The memory.
   *
   * @return as many bytes as were asked for
   */
  public MemorySegment segment() {
    return mapping.segment();
  }

  @Override
  public void close() {
    mapping.close();
  }
}
