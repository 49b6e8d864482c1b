package dev.carafe.log;

import dev.carafe.log.format.RecordLayout;
import dev.carafe.log.format.RecordLayout.Header;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Converts the expiry times of records between the clocks of openings (contract R6).
 *
 * <p>Each opening writes expiry times by its local clock. That clock is set to the wall clock at
 * the opening and never steps. When the wall clock steps later, its lead over the local clock is
 * recorded. The expiry time by the wall clock is the expiry time in the record plus the lead of the
 * opening that wrote the record. Leads form a step function of the position in the log. Without any
 * lead, all expiry times are wall-clock times.
 *
 * <p>A record that is copied from the part of an earlier opening gets a wall-clock expiry time and
 * {@link RecordLayout#FLAG_WALL}.
 *
 * <p>Changed under the history lock; {@link #withLocalExpiry} and {@link #isWallClock} are for any
 * thread.
 */
public final class LogClock {
  /** The number of leads that are kept. The oldest is dropped first. */
  private static final int MAX_LEADS = 8;

  private static final int OFFSET_BITS = 25;

  private final TreeMap<Long, Long> leads = new TreeMap<>();
  private long restoredFrom;
  private long openedAt;
  private long leadNanos;
  private boolean used;
  private boolean unrecorded;
  private volatile @Nullable LeadSnapshot current;

  /** An immutable copy for readers: the leads by position, and the present one. */
  private record LeadSnapshot(long[] from, long[] lead, long openedAt, long leadNanos) {
    long leadAt(long position) {
      int found = Arrays.binarySearch(from, position);
      int index = found >= 0 ? found : -found - 2;
      return index < 0 ? 0 : lead[index];
    }
  }

  LogClock() {}

  /** The position of a byte in the log; later positions are higher. */
  static long position(long sequence, long offset) {
    return (sequence << OFFSET_BITS) + offset;
  }

  /**
   * Restores a clock record that recovery found. Its directory entry has the number as the hash.
   */
  void restore(byte kind, long number) {
    if (kind == RecordLayout.CLOCK_FROM) {
      restoredFrom = number;
    } else if (kind == RecordLayout.CLOCK_LEAD) {
      leads.put(restoredFrom, number);
    }
  }

  /** Begins an opening at a position. Its local clock has no lead yet. */
  void begin(long position, long oldestSequence) {
    openedAt = position;
    Long before = leads.floorKey(position(oldestSequence, 0));
    if (before != null) {
      leads.headMap(before).clear();
    }
    set(position, 0);
  }

  /**
   * Records a step of the wall clock.
   *
   * @param nanos its lead over the local clock
   */
  public void setLead(long nanos) {
    leadNanos = nanos;
    set(openedAt, nanos);
  }

  private void set(long position, long nanos) {
    Map.Entry<Long, Long> last = leads.floorEntry(position);
    if ((last == null ? 0 : last.getValue()) != nanos) {
      leads.put(position, nanos);
      unrecorded = true;
    }
    while (leads.size() > MAX_LEADS) {
      leads.remove(leads.firstKey());
    }
    current = leads.isEmpty() && leadNanos == 0 ? null : snapshot();
  }

  private LeadSnapshot snapshot() {
    long[] from = leads.keySet().stream().mapToLong(Long::longValue).toArray();
    long[] lead = leads.values().stream().mapToLong(Long::longValue).toArray();
    return new LeadSnapshot(from, lead, openedAt, leadNanos);
  }

  /** Whether all records have wall-clock expiry times. */
  boolean isWallClock() {
    return current == null;
  }

  /** Returns a record's header with its expiry time by the local clock. */
  Header withLocalExpiry(Header header, long sequence, long offset) {
    LeadSnapshot now = current;
    if (now == null || header.expiresAtNanos() == Long.MAX_VALUE) {
      return header;
    }
    long position = position(sequence, offset);
    boolean isLocal = (header.flags() & RecordLayout.FLAG_WALL) == 0;
    if (isLocal && position >= now.openedAt) {
      return header;
    }
    long wall =
        isLocal
            ? saturatedSum(header.expiresAtNanos(), now.leadAt(position))
            : header.expiresAtNanos();
    return header.withExpiry(header.flags(), saturatedSum(wall, -now.leadNanos));
  }

  /**
   * Under the history lock: returns the header of a record that is copied to the end of the log.
   */
  Header withWallExpiry(Header header, long sequence, long offset) {
    long position = position(sequence, offset);
    boolean isLocal = (header.flags() & RecordLayout.FLAG_WALL) == 0;
    if (header.expiresAtNanos() == Long.MAX_VALUE || !isLocal || position >= openedAt) {
      return header;
    }
    Map.Entry<Long, Long> lead = leads.floorEntry(position);
    byte flags = (byte) (header.flags() | RecordLayout.FLAG_WALL);
    return header.withExpiry(
        flags, saturatedSum(header.expiresAtNanos(), lead == null ? 0 : lead.getValue()));
  }

  private static long saturatedSum(long nanos, long by) {
    long sum = nanos + by;
    boolean overflows = ((nanos ^ sum) & (by ^ sum)) < 0;
    long saturated = overflows ? (nanos < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
    return saturated == Long.MAX_VALUE ? saturated - 1 : saturated; // the maximum means never
  }

  /** Records that this opening appended a record. */
  void markUsed() {
    used = true;
  }

  /** Whether the leads must still be written to the log. */
  boolean isUnrecorded() {
    return unrecorded && used;
  }

  /** The leads by position. Each extent that is opened begins with them. */
  Map<Long, Long> leads() {
    return leads;
  }

  /** Records that the newest extent has the leads. */
  void markRecorded() {
    unrecorded = false;
  }
}
