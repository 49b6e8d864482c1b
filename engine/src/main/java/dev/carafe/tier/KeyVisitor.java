package dev.carafe.tier;

import dev.carafe.log.format.KeyHash;

/** Told the keys of live records. */
public interface KeyVisitor {
  /**
   * One key.
   *
   * @param key its bytes
   * @param hash their hash
   * @param expiresAtNanos when its value expires
   */
  void visit(byte[] key, KeyHash hash, long expiresAtNanos);
}
