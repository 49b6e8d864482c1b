package dev.carafe.tier;

/**
 * The generation of a cache's live entries. When the cache is cleared, the generation ends, and
 * with it all entries that were published until then, in constant time (docs/decisions/0025).
 *
 * <p>Thread-safe.
 */
public final class Generation {
  /** 0 or {@link EntryState#GENERATION}: each generation has the other parity. */
  private volatile int parity;

  Generation() {}

  /**
   * Returns whether an entry holds the current value of its key.
   *
   * @param entry an entry of this cache
   * @return false if it was superseded or released, or if its generation has ended
   */
  public boolean isLive(Entry entry) {
    return entry.isLive(parity);
  }

  /**
   * Makes an entry one of this generation. The caller holds the key's lock, and publishes the entry
   * then.
   *
   * @param entry a new entry
   */
  public void add(Entry entry) {
    entry.setGeneration(parity);
  }

  /**
   * Ends this generation, and begins the next. The caller holds all key locks, has released all
   * entries of the generation before this one, and releases those of this one later.
   */
  public void end() {
    parity ^= EntryState.GENERATION;
  }
}
