package dev.carafe.cache.keyed;

import dev.carafe.Codec;
import dev.carafe.base.SipHash;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A key by its encoded bytes. What the application does to its object afterwards has no effect on
 * it, and the application's {@code equals} and {@code hashCode} are never called.
 *
 * <p>During the call that brought the key, the application's functions see the object of that call.
 * After it they see one that is decoded from the bytes.
 *
 * @param <K> the application's keys
 */
final class Key<K> {
  /** One secret for all caches of the process, which no file and no output of theirs reveals. */
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

  /** The same key with an object of its own to show. */
  Key<K> showing(K shown) {
    return new Key<>(this, shown);
  }

  byte[] bytes() {
    return bytes;
  }

  /** For functions of the application: the object of the call that brought it, or a decoded one. */
  K object() {
    K here = object;
    if (here == null) {
      here = decoded();
      object = here;
    }
    return here;
  }

  /** A new object, the application's to keep. */
  K decoded() {
    return codec.decode(MemorySegment.ofArray(bytes).asReadOnly());
  }

  /** The call that brought the key ends: its object is the application's again. */
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
