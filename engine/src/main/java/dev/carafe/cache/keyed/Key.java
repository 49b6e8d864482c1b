package dev.carafe.cache.keyed;

import dev.carafe.Codec;
import dev.carafe.base.SipHash;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A key that is compared by its encoded bytes. Later changes of the application's object have no
 * effect, and the application's {@code equals} and {@code hashCode} are never called.
 *
 * <p>During the call that passed the key, the application's functions get the object of that call.
 * Later they get an object that is decoded from the bytes.
 *
 * @param <K> the application's keys
 */
final class Key<K> {
  /** One secret for all caches of the process. It appears in no file and in no output. */
  private static final SipHash HASH = SipHash.random();

  private final Codec<K> codec;
  private final byte[] bytes;
  private final int hash;
  private volatile @Nullable K object;

  Key(Codec<K> codec, byte[] bytes, @Nullable K object) {
    this.codec = codec;
    this.bytes = bytes;
    this.object = object;
    this.hash = (int) HASH.hash64(bytes);
  }

  private Key(Key<K> same, K object) {
    this.codec = same.codec;
    this.bytes = same.bytes;
    this.hash = same.hash;
    this.object = object;
  }

  /** Returns the same key with another object for the application. */
  Key<K> withObject(K other) {
    return new Key<>(this, other);
  }

  byte[] bytes() {
    return bytes;
  }

  /**
   * Returns the object of the call that passed the key, or a decoded one, for functions of the
   * application.
   */
  K object() {
    K current = object;
    if (current == null) {
      current = decoded();
      object = current;
    }
    return current;
  }

  /** Decodes a new object, which the application may keep. */
  K decoded() {
    return codec.decode(MemorySegment.ofArray(bytes).asReadOnly());
  }

  /** Ends the call that passed the key, and drops the reference to its object. */
  void endCall() {
    object = null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Key<?> key && hash == key.hash && Arrays.equals(bytes, key.bytes));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** For messages and logs. */
  @Override
  public String toString() {
    return "key of " + bytes.length + " bytes, " + Arrays.hashCode(bytes);
  }
}
