package dev.carafe.contenders;

import java.io.IOException;
import java.nio.file.Path;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;

/** Chronicle Map, in memory or over a mapped file: a map of fixed capacity without eviction. */
final class ChronicleStore implements Store {
  private final ChronicleMap<Long, byte[]> map;

  private ChronicleStore(ChronicleMap<Long, byte[]> map) {
    this.map = map;
  }

  private static ChronicleMapBuilder<Long, byte[]> builder(Sizing sizing) {
    ChronicleMapBuilder<Long, byte[]> builder =
        ChronicleMap.of(Long.class, byte[].class)
            .name("bench")
            .entries(sizing.entries() + sizing.entries() / 20)
            .putReturnsNull(true)
            .removeReturnsNull(true);
    return sizing.fixed()
        ? builder.constantValueSizeBySample(new byte[sizing.valueBytes()])
        : builder.averageValueSize(sizing.valueBytes()).maxBloatFactor(2);
  }

  static Store memory(Sizing sizing) {
    return new ChronicleStore(builder(sizing).create());
  }

  static Store mapped(Sizing sizing) throws IOException {
    Path file = sizing.home().resolve("bench.chronicle");
    return new ChronicleStore(builder(sizing).createPersistedTo(file.toFile()));
  }

  /** Opens the file of a killed process with the library's recovery method. */
  static Store recovered(Sizing sizing) throws IOException {
    Path file = sizing.home().resolve("bench.chronicle");
    return new ChronicleStore(builder(sizing).recoverPersistedTo(file.toFile(), true));
  }

  @Override
  public int get(long key, byte[] into) {
    byte[] value = map.getUsing(key, into);
    if (value == null) {
      return MISS;
    }
    if (value != into) {
      System.arraycopy(value, 0, into, 0, value.length);
    }
    return value.length;
  }

  @Override
  public void put(long key, byte[] value, int length) {
    map.put(key, value.length == length ? value : java.util.Arrays.copyOf(value, length));
  }

  @Override
  public void remove(long key) {
    map.remove(key);
  }

  @Override
  public long entries() {
    return map.longSize();
  }

  @Override
  public void close() {
    map.close();
  }
}
