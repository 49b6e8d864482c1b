package dev.carafe.tier;

import dev.carafe.FileOptions;
import dev.carafe.base.Counter;
import dev.carafe.device.IoResult;
import dev.carafe.log.ExtentScrubber;
import dev.carafe.log.Geometry;
import dev.carafe.log.format.KeyHash;
import java.lang.System.Logger.Level;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Reads the whole file once in each period, and drops the records that do not verify. So damage is
 * reported before a read finds it, and a disk's own error correction sees all sectors. (The term
 * and the purpose are those of ZFS.)
 *
 * <p>One extent is read at a time, at equal distances. A pass starts with a random extent, because
 * its position is not kept over a restart.
 *
 * <p>Called by the maintenance thread only.
 */
final class Scrubber {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long MIN_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final FileOptions options;
  private final OpenLog open;
  private final ExtentScrubber extents;
  private final FileReads.IndexRemoval indexRemoval;
  private final Counter scrubbedBytes;
  private final long periodNanos;
  private boolean started;
  private long atNanos;
  private long position;
  private long damagedRecords;

  Scrubber(
      FileOptions options,
      OpenLog open,
      FileIndex index,
      FileReads.IndexRemoval indexRemoval,
      Counter scrubbedBytes) {
    this.options = options;
    this.open = open;
    this.extents = new ExtentScrubber(open.log(), index, open.reclaimBuffer(), this::onDamaged);
    this.indexRemoval = indexRemoval;
    this.scrubbedBytes = scrubbedBytes;
    this.periodNanos = TimeUnit.NANOSECONDS.convert(options.scrubPeriod()); // saturates
  }

  /** Checks an extent if one is due. Returns the nanoseconds until the next one. */
  long runIfDue() {
    if (periodNanos == 0) {
      return Long.MAX_VALUE;
    }
    long now = System.nanoTime();
    if (!started) {
      started = true;
      position = extents.next(0) + new SplittableRandom().nextLong(extents.count() + 1) - 1;
      atNanos = now + intervalNanos();
    }
    if (atNanos - now <= 0) {
      atNanos = now + intervalNanos();
      checkNext();
    }
    return Math.max(1, atNanos - System.nanoTime());
  }

  private long intervalNanos() {
    return Math.max(MIN_INTERVAL_NANOS, periodNanos / Math.max(1, extents.count()));
  }

  private void checkNext() {
    long following = extents.next(position);
    long sequence = following > 0 ? following : extents.next(0);
    if (sequence == 0) {
      return;
    }
    position = sequence;
    damagedRecords = 0;
    IoResult read = extents.check(sequence);
    scrubbedBytes.add(open.log().file().geometry().extentBytes());
    if (damagedRecords > 0) {
      warn(sequence, "records that do not verify are dropped: " + damagedRecords);
    }
    if (read instanceof IoResult.Failed failure) {
      warn(sequence, failure.message());
    }
  }

  private void onDamaged(KeyHash hash, long address) {
    if (indexRemoval.removeIfCurrent(hash, address, true)) {
      damagedRecords++;
    }
  }

  private void warn(long sequence, String what) {
    Geometry geometry = open.log().file().geometry();
    long offset = geometry.extentOffset(geometry.slotOf(sequence));
    LOG.log(
        Level.WARNING, options.path() + ": scrub of the extent at byte " + offset + ": " + what);
  }
}
