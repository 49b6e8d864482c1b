package dev.carafe.tier;

import org.jspecify.annotations.Nullable;

/** Told of values that leave the file by themselves: their record expired, or was given up. */
public interface FileRemovalListener {
  /** Nobody wants to know. */
  FileRemovalListener NONE =
      new FileRemovalListener() {
        @Override
        public boolean wantsValues() {
          return false;
        }

        @Override
        public void onRemoval(
            byte[] key, int valueBytes, byte @Nullable [] value, boolean expired) {}
      };

  /**
   * Whether the values are wanted. If so, extents of nothing but expired records are read for them.
   *
   * @return false if a count is enough
   */
  boolean wantsValues();

  /**
   * A record is gone; no lock is held.
   *
   * @param key of the record
   * @param valueBytes how long the value was
   * @param value its bytes if they are wanted, and could be had
   * @param expired whether it had expired, and was not given up to make room
   */
  void onRemoval(byte[] key, int valueBytes, byte @Nullable [] value, boolean expired);
}
