package dev.carafe.contenders;

/** An empty store, to measure the overhead of the benchmark. */
final class NothingStore implements Store {
  private final int valueBytes;

  NothingStore(Sizing sizing) {
    this.valueBytes = sizing.valueBytes();
  }

  @Override
  public int get(long key, byte[] into) {
    return valueBytes;
  }

  @Override
  public int visit(long key) {
    return valueBytes;
  }

  @Override
  public void put(long key, byte[] value, int length) {}

  @Override
  public void remove(long key) {}

  @Override
  public long entries() {
    return -1;
  }

  @Override
  public void close() {}
}
