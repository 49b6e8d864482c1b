package dev.carafe.tier;

/** An entry with an expiry time. */
final class ExpiringEntry extends Entry {
  private volatile long expiresAtNanos;

  ExpiringEntry(int keyHash, int indexHash, long ref, long expiresAtNanos, boolean clean) {
    super(keyHash, indexHash, ref, clean);
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
    markExpiryChanged(earlier);
  }
}
