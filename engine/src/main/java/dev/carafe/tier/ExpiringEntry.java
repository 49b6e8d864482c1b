package dev.carafe.tier;

/** An entry that may expire. */
final class ExpiringEntry extends Entry {
  private volatile long expiresAtNanos;

  ExpiringEntry(Object key, long ref, int valueBytes, long expiresAtNanos, boolean clean) {
    super(key, ref, valueBytes, clean);
    this.expiresAtNanos = expiresAtNanos;
  }

  @Override
  public long expiresAtNanos() {
    return expiresAtNanos;
  }

  @Override
  public void setExpiresAt(long epochNanos) {
    boolean earlier = epochNanos < expiresAtNanos;
    expiresAtNanos = epochNanos;
    noteExpiryChange(earlier);
  }
}
