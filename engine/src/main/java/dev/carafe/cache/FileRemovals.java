package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.FileRemovalListener;
import org.jspecify.annotations.Nullable;

/**
 * Receives the records that the file drops, and notifies the listeners of those whose values have
 * left the cache. The file is opened before the tiers, which are attached later. Throws nothing,
 * since reclaiming must continue if codecs or listeners throw (contract F5).
 *
 * @param <K> keys
 */
final class FileRemovals<K> implements FileRemovalListener {
  private final RemovalNotifier<K, ?> removals;
  private final Gate gate;
  private volatile @Nullable Tiers<K> tiers;

  FileRemovals(RemovalNotifier<K, ?> removals, Gate gate) {
    this.removals = removals;
    this.gate = gate;
  }

  void attach(Tiers<K> opened) {
    this.tiers = opened;
  }

  @Override
  public boolean needsValues() {
    return removals.hasListeners();
  }

  @Override
  public void onRemoval(byte[] key, int valueBytes, byte @Nullable [] value, boolean expired) {
    Tiers<K> opened = tiers;
    if (opened != null && removals.hasListenersOrStats()) {
      int[] inside = gate.beginCallback();
      try {
        RemovalCause cause = expired ? RemovalCause.EXPIRED : RemovalCause.SIZE;
        K decoded = opened.cache.keys().decode(key);
        if (decoded != null) {
          opened.tracker.recordRemoved(decoded, valueBytes, value, cause);
        }
      } catch (Throwable t) {
        removals
            .errors()
            .report("removal listeners were not notified of a value that left the file", t);
      } finally {
        gate.endCallback(inside);
      }
    }
  }
}
