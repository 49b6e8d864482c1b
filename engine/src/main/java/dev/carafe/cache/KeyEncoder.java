package dev.carafe.cache;

import dev.carafe.UnreadableValueException;
import dev.carafe.base.ErrorLog;
import dev.carafe.log.format.KeyHash;
import dev.carafe.spi.ArrayCodec;
import dev.carafe.spi.EqualByBytes;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileTier;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Encodes keys for both tiers, and decodes the stored ones. */
final class KeyEncoder<K> {
  private static final int MAX_KEY_BYTES = 0xFFFF;

  private final EqualByBytes<K> codec;
  private final @Nullable FileTier file;
  private final ErrorLog errors;

  KeyEncoder(EqualByBytes<K> codec, @Nullable FileTier file, ErrorLog errors) {
    this.errors = errors;
    this.codec = codec;
    this.file = file;
  }

  /** Returns the codec, which compares keys with encoded ones. */
  EqualByBytes<K> codec() {
    return codec;
  }

  FileKey of(K key) {
    return of(encode(key));
  }

  /** Encodes the key if the cache has a file; else null. */
  @Nullable FileKey ofFile(K key) {
    return file == null ? null : of(key);
  }

  /** Returns the encoded key, which is stored with the value in memory. */
  MemorySegment bytesOf(K key, @Nullable FileKey encoded) {
    return encoded == null ? MemorySegment.ofArray(encode(key)) : encoded.bytes();
  }

  /** Returns an encoded key with its hash. */
  FileKey of(byte[] encoded) {
    MemorySegment bytes = MemorySegment.ofArray(encoded).asReadOnly();
    return new FileKey(bytes, file == null ? KeyHash.NONE : file.hashOf(bytes));
  }

  /** Decodes a key; null if the codec can't. */
  @Nullable K decode(byte[] bytes) {
    try {
      return codec.decode(MemorySegment.ofArray(bytes).asReadOnly());
    } catch (VirtualMachineError e) {
      throw e; // the codec may succeed the next time
    } catch (Throwable t) {
      if (!(t instanceof UnreadableValueException)) {
        errors.report("the key codec can't decode a stored key; the key is skipped", t);
      }
      return null;
    }
  }

  /** Encodes a key. The array may be the key's own and must not be changed. */
  byte[] encode(K key) {
    byte[] bytes;
    try {
      bytes = encoded(key);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("key: " + e.getMessage(), e);
    }
    if (bytes.length > MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "key has " + bytes.length + " encoded bytes but may have at most " + MAX_KEY_BYTES);
    }
    return bytes;
  }

  private byte[] encoded(K key) {
    if (codec instanceof ArrayCodec<K> arrays) {
      return arrays.toArray(key);
    }
    byte[] bytes = new byte[codec.encodedBytes(key)];
    codec.encode(key, MemorySegment.ofArray(bytes));
    return bytes;
  }
}
