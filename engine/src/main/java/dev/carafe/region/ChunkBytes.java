package dev.carafe.region;

import java.lang.foreign.MemorySegment;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.bytes.VanillaBytes;

/**
 * The one place that touches Chronicle's classes, so that they load only when they are asked for.
 */
final class ChunkBytes {
  private ChunkBytes() {}

  static Bytes<?> over(MemorySegment chunk) {
    PointerBytesStore store = BytesStore.nativePointer();
    store.set(chunk.address(), chunk.byteSize());
    VanillaBytes<Void> view = store.bytesForWrite();
    view.clear(); // without it the view's write limit is that of the address space
    return view;
  }
}
