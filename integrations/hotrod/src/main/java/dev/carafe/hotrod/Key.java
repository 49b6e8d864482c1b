package dev.carafe.hotrod;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The encoded bytes of a key. Comparable, so that keys of equal hashes don't slow down a hash map.
 */
final class Key implements Comparable<Key> {
  private final byte[] bytes;
  private final int hash;

  Key(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /** Returns the array itself. Callers do not change it. */
  byte[] bytes() {
    return bytes;
  }

  @Override
  public int compareTo(Key other) {
    return Arrays.compare(bytes, other.bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Key key && hash == key.hash && Arrays.equals(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
