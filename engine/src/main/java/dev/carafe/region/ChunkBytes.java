package dev.carafe.region;

import java.lang.foreign.MemorySegment;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.PointerBytesStore;
import net.openhft.chronicle.bytes.VanillaBytes;

/** The only class that uses Chronicle's classes, so that they load on first use. */
final class ChunkBytes {
  private ChunkBytes() {}

  static Bytes<?> over(MemorySegment chunk) {
    PointerBytesStore store = BytesStore.nativePointer();
    store.set(chunk.address(), chunk.byteSize());
    VanillaBytes<Void> view = store.bytesForWrite();
    view.clear(); // otherwise the view's write limit is the end of the address space
    return view;
  }
}
