package dev.carafe.contenders;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A store with byte arrays on the heap. It copies values on put and get. */
abstract class ArrayStore implements Store {
  abstract byte @Nullable [] find(long key);

  abstract void keep(long key, byte[] value);

  @Override
  public final int get(long key, byte[] into) {
    byte[] value = find(key);
    if (value == null) {
      return MISS;
    }
    System.arraycopy(value, 0, into, 0, value.length);
    return value.length;
  }

  @Override
  public final int visit(long key) {
    byte[] value = find(key);
    return value == null ? MISS : value.length + (value[0] & 0);
  }

  @Override
  public final void put(long key, byte[] value, int length) {
    keep(key, Arrays.copyOf(value, length));
  }
}
