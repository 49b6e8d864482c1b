package dev.carafe.infinispan;

import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The codec of stored entries. Its name in the file changes with their {@link StoredEntry}. */
final class EntryCodec implements Codec<byte[]> {
  @Override
  public int encodedBytes(byte[] value) {
    return value.length;
  }

  @Override
  public void encode(byte[] value, MemorySegment target) {
    MemorySegment.copy(value, 0, target, ValueLayout.JAVA_BYTE, 0, value.length);
  }

  @Override
  public byte[] decode(MemorySegment source) {
    return source.toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public String fingerprint() {
    return "carafe-infinispan-entry-1";
  }
}
