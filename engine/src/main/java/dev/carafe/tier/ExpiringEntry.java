package dev.carafe.tier;

/** An entry that may expire, or whose value does not begin where its chunk does. */
final class ExpiringEntry extends Entry {
  private final int leadBytes;
  private volatile long expiresAtNanos;

  ExpiringEntry(
      Object key, long ref, int leadBytes, int valueBytes, long expiresAtNanos, boolean clean) {
    super(key, ref, valueBytes, clean);
    this.leadBytes = leadBytes;
    this.expiresAtNanos = expiresAtNanos;
  }

  @Override
  public int leadBytes() {
    return leadBytes;
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
