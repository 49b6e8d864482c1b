package dev.carafe.log;

import dev.carafe.log.format.RecordLayout;
import dev.carafe.log.format.RecordLayout.Header;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * By which clock the log's records tell when their values end (contract R6).
 *
 * <p>From one opening to the next, ends are told on a clock that is set to the wall clock at the
 * opening and never steps. When the wall clock steps meanwhile, its lead over that clock is
 * recorded: the end of a record by the wall clock is what the record says plus the lead of the
 * opening in which it was written. Leads are kept as steps of a function of the position in the
 * log; without any, none is recorded, and all ends are wall-clock times.
 *
 * <p>What is carried out of the part of an earlier opening is told by the wall clock, and its
 * record says so ({@link RecordLayout#FLAG_WALL}).
 *
 * <p>Changed under the history lock; {@link #withLocalExpiry} and {@link #isWallClock} are for any
 * thread.
 */
public final class LogClock {
  /** More openings than that, each with another lead, lose the oldest. */
  private static final int MAX_LEADS = 8;

  private static final int OFFSET_BITS = 25;

  private final TreeMap<Long, Long> leads = new TreeMap<>();
  private long restoredFrom;
  private long openedAt;
  private long leadNanos;
  private boolean used;
  private boolean unrecorded;
  private volatile @Nullable LeadSnapshot current;

  /** What readers see: leads from places on, and the present one. */
  private record LeadSnapshot(long[] from, long[] lead, long openedAt, long leadNanos) {
    long leadAt(long position) {
      int found = Arrays.binarySearch(from, position);
      int index = found >= 0 ? found : -found - 2;
      return index < 0 ? 0 : lead[index];
    }
  }

  LogClock() {}

  /** A position in the log, which grows with it. */
  static long position(long sequence, long offset) {
    return (sequence << OFFSET_BITS) + offset;
  }

  /** Recovery found a record about clocks; its number stands where others have a hash. */
  void restore(byte kind, long number) {
    if (kind == RecordLayout.CLOCK_FROM) {
      restoredFrom = number;
    } else if (kind == RecordLayout.CLOCK_LEAD) {
      leads.put(restoredFrom, number);
    }
  }

  /** The cache was opened: from here on, records are told by a clock that has no lead yet. */
  void begin(long position, long oldestSequence) {
    openedAt = position;
    Long before = leads.floorKey(position(oldestSequence, 0));
    if (before != null) {
      leads.headMap(before).clear();
    }
    set(position, 0);
  }

  /**
   * The wall clock has stepped.
   *
   * @param nanos how much it leads over what it was set to at the opening
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

  /** Whether all records tell what the wall clock says. */
  boolean isWallClock() {
    return current == null;
  }

  /** A record's header, with the end by the clock of this opening. */
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

  /** Under the lock: a header for a record that is copied to the end of the log. */
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

  /** A record was appended by this opening. */
  void markUsed() {
    used = true;
  }

  /** Whether the log does not say yet how its records are told. */
  boolean isUnrecorded() {
    return unrecorded && used;
  }

  /** Where leads begin, and what they are; to be written to each extent that is opened. */
  Map<Long, Long> leads() {
    return leads;
  }

  /** They stand in the newest extent. */
  void markRecorded() {
    unrecorded = false;
  }
}
