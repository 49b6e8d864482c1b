package dev.carafe.tier;

import org.jspecify.annotations.Nullable;

/** Notified of live records that the file tier removes by itself. */
public interface FileRemovalListener {
  /** A listener that ignores all removals. */
  FileRemovalListener NONE =
      new FileRemovalListener() {
        @Override
        public boolean needsValues() {
          return false;
        }

        @Override
        public void onRemoval(
            int cache, byte[] key, int valueBytes, byte @Nullable [] value, boolean expired) {}
      };

  /**
   * Returns whether the listener needs the values. If so, an extent is read for them even if all
   * its records have expired.
   *
   * @return false if {@link #onRemoval} may get null
   */
  boolean needsValues();

  /**
   * Called after a record was removed. No lock is held.
   *
   * @param cache the number of the record's cache
   * @param key the record's key
   * @param valueBytes the length of the value
   * @param value the bytes of the value; null if not needed or not readable
   * @param expired true if the record had expired, false if its extent was reclaimed
   */
  void onRemoval(int cache, byte[] key, int valueBytes, byte @Nullable [] value, boolean expired);
}
