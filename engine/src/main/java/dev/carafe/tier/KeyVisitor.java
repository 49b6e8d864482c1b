package dev.carafe.tier;

import dev.carafe.log.format.KeyHash;

/** Visits the keys of live records. */
public interface KeyVisitor {
  /**
   * Visits a key.
   *
   * @param key the bytes of the key
   * @param hash the hash of the bytes
   * @param expiresAtNanos the expiry time in nanoseconds since the epoch
   */
  void visit(byte[] key, KeyHash hash, long expiresAtNanos);
}
