package dev.carafe.infinispan;

import java.nio.ByteBuffer;
import org.infinispan.commons.io.ByteBufferFactory;
import org.infinispan.persistence.spi.MarshallableEntry;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an entry without its key, big-endian: the times of creation, last use and expiry in
 * milliseconds since the epoch (−1 for none), the lengths of value, metadata and internal metadata
 * (−1 for none), and the three.
 */
final class StoredEntry {
  private static final int EXPIRY_AT = 2 * Long.BYTES;
  private static final int LENGTHS_AT = 3 * Long.BYTES;
  private static final int HEADER_BYTES = LENGTHS_AT + 3 * Integer.BYTES;

  private final byte[] bytes;

  StoredEntry(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Marshals an entry. */
  static byte[] bytesOf(MarshallableEntry<?, ?> entry) {
    org.infinispan.commons.io.@Nullable ByteBuffer[] parts = {
      entry.getValueBytes(), entry.getMetadataBytes(), entry.getInternalMetadataBytes()
    };
    int total = HEADER_BYTES;
    for (org.infinispan.commons.io.@Nullable ByteBuffer part : parts) {
      total = Math.addExact(total, part == null ? 0 : part.getLength());
    }
    ByteBuffer target = ByteBuffer.allocate(total);
    target.putLong(entry.created()).putLong(entry.lastUsed()).putLong(entry.expiryTime());
    for (org.infinispan.commons.io.@Nullable ByteBuffer part : parts) {
      target.putInt(part == null ? -1 : part.getLength());
    }
    for (org.infinispan.commons.io.@Nullable ByteBuffer part : parts) {
      if (part != null) {
        target.put(part.getBuf(), part.getOffset(), part.getLength());
      }
    }
    return target.array();
  }

  long created() {
    return ByteBuffer.wrap(bytes).getLong(0);
  }

  long lastUsed() {
    return ByteBuffer.wrap(bytes).getLong(Long.BYTES);
  }

  /** Returns the time of expiry, or {@link Long#MAX_VALUE} for never. */
  long expiry() {
    long time = ByteBuffer.wrap(bytes).getLong(EXPIRY_AT);
    return time <= 0 ? Long.MAX_VALUE : time;
  }

  boolean isExpired(long now) {
    return expiry() <= now;
  }

  org.infinispan.commons.io.@Nullable ByteBuffer value(ByteBufferFactory factory) {
    return part(0, factory);
  }

  org.infinispan.commons.io.@Nullable ByteBuffer metadata(ByteBufferFactory factory) {
    return part(1, factory);
  }

  org.infinispan.commons.io.@Nullable ByteBuffer internalMetadata(ByteBufferFactory factory) {
    return part(2, factory);
  }

  private org.infinispan.commons.io.@Nullable ByteBuffer part(
      int index, ByteBufferFactory factory) {
    ByteBuffer header = ByteBuffer.wrap(bytes);
    int at = HEADER_BYTES;
    for (int i = 0; i < index; i++) {
      at += Math.max(0, header.getInt(LENGTHS_AT + i * Integer.BYTES));
    }
    int length = header.getInt(LENGTHS_AT + index * Integer.BYTES);
    return length < 0 ? null : factory.newByteBuffer(bytes, at, length);
  }
}
