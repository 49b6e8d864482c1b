package dev.carafe.log.format;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The little-endian field types of the layouts. */
final class Fields {
  static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
  static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Fields() {}

  /** Creates a struct and checks its length against the format document. */
  static StructLayout ofBytes(long bytes, MemoryLayout... fields) {
    StructLayout layout = MemoryLayout.structLayout(fields);
    if (layout.byteSize() != bytes) {
      throw new IllegalStateException(
          layout + " has " + layout.byteSize() + " bytes, expected " + bytes);
    }
    return layout;
  }

  static SequenceLayout bytes(long count) {
    return MemoryLayout.sequenceLayout(count, U8);
  }

  static long offset(StructLayout layout, String field) {
    return layout.byteOffset(MemoryLayout.PathElement.groupElement(field));
  }
}
