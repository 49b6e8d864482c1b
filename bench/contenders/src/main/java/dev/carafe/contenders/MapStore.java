package dev.carafe.contenders;

import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** A map with byte array values. */
final class MapStore extends ArrayStore {
  private final ConcurrentMap<Long, byte[]> map;

  MapStore(ConcurrentMap<Long, byte[]> map) {
    this.map = map;
  }

  @Override
  byte @Nullable [] find(long key) {
    return map.get(key);
  }

  @Override
  void keep(long key, byte[] value) {
    map.put(key, value);
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
