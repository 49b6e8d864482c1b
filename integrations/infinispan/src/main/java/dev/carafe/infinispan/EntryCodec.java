package dev.carafe.infinispan;

import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;

/**
 * The codec of stored entries: their bytes. Its name in the file changes with their {@link
 * StoredEntry}.
 */
final class EntryCodec implements Codec<byte[]> {
  private static final Codec<byte[]> BYTES = Codec.bytes();

  @Override
  public int encodedBytes(byte[] value) {
    return BYTES.encodedBytes(value);
  }

  @Override
  public void encode(byte[] value, MemorySegment target) {
    BYTES.encode(value, target);
  }

  @Override
  public byte[] decode(MemorySegment source) {
    return BYTES.decode(source);
  }

  @Override
  public String fingerprint() {
    return "carafe-infinispan-entry-1";
  }
}
