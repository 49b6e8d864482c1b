package dev.carafe.contenders;

import java.util.Arrays;
import java.util.concurrent.ConcurrentMap;

/** Any map with arrays for values: the arrays are copied on the way in and out. */
final class MapStore implements Store {
  private final ConcurrentMap<Long, byte[]> map;

  MapStore(ConcurrentMap<Long, byte[]> map) {
    this.map = map;
  }

  @Override
  public int get(long key, byte[] into) {
    byte[] value = map.get(key);
    if (value == null) {
      return MISS;
    }
    System.arraycopy(value, 0, into, 0, value.length);
    return value.length;
  }

  @Override
  public int visit(long key) {
    byte[] value = map.get(key);
    return value == null ? MISS : value.length + (value[0] & 0);
  }

  @Override
  public void put(long key, byte[] value, int length) {
    map.put(key, Arrays.copyOf(value, length));
  }

  @Override
  public void remove(long key) {
    map.remove(key);
  }

  @Override
  public long entries() {
    return map.size();
  }

  @Override
  public void close() {
    map.clear();
  }
}
