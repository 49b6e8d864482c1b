package dev.carafe.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.carafe.uring.ffi.NativeMapping;
import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;

/** Plain memory with the layout of the kernel's queues; the test acts as the kernel. */
final class SharedQueues implements AutoCloseable {
  static final int HEAD = 0;
  static final int TAIL = 4;
  static final int ARRAY = 64;
  static final int CQES = 64;

  final MemorySegment params = UringAbi.newParams();
  final UringAbi.Mapping mapping;
  private final NativeMapping memory = NativeMapping.map(3 * 4096, false);

  /** Both queues, with their counters at the same number. */
  SharedQueues(int entries, int start) {
    this.mapping =
        new UringAbi.Mapping(
            memory.segment().asSlice(0, 4096),
            memory.segment().asSlice(4096, 4096),
            memory.segment().asSlice(2 * 4096, 4096));
    param(entries, "sq_entries");
    param(entries, "cq_entries");
    param(HEAD, "sq_off", "head");
    param(TAIL, "sq_off", "tail");
    param(ARRAY, "sq_off", "array");
    param(HEAD, "cq_off", "head");
    param(TAIL, "cq_off", "tail");
    param(CQES, "cq_off", "cqes");
    for (MemorySegment ring : new MemorySegment[] {mapping.sq(), mapping.cq()}) {
      ring.set(JAVA_INT, HEAD, start);
      ring.set(JAVA_INT, TAIL, start);
    }
  }

  private void param(int value, String... path) {
    params.set(JAVA_INT, UringAbi.offset(UringAbi.PARAMS, path), value);
  }

  @Override
  public void close() {
    memory.close();
  }
}
