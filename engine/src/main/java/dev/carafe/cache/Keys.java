package dev.carafe.cache;

import dev.carafe.Codec;
import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Names keys for the file. */
final class Keys<K> {
  private static final int MAX_KEY_BYTES = 0xFFFF;

  private final Codec<K> codec;
  private final @Nullable FileTier file;

  Keys(Codec<K> codec, @Nullable FileTier file) {
    this.codec = codec;
    this.file = file;
  }

  FileKey of(K key) {
    MemorySegment bytes = MemorySegment.ofArray(encode(key)).asReadOnly();
    return new FileKey(bytes, file == null ? 0 : file.hashOf(bytes));
  }

  /** The key of these bytes; null if they are of a version that the codec can't read. */
  @Nullable K decode(byte[] bytes) {
    try {
      return codec.decode(MemorySegment.ofArray(bytes).asReadOnly());
    } catch (UnreadableValueException e) {
      return null; // nobody can ask for it any more
    }
  }

  private byte[] encode(K key) {
    byte[] bytes;
    if (codec instanceof ArrayCodec<K> arrays) {
      bytes = arrays.toArray(key);
    } else {
      bytes = new byte[codec.encodedBytes(key)];
      codec.encode(key, MemorySegment.ofArray(bytes));
    }
    if (bytes.length > MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "key has " + bytes.length + " encoded bytes but may have at most " + MAX_KEY_BYTES);
    }
    return bytes;
  }
}
