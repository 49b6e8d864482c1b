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
 * opening in which it was written. Leads are kept as steps of a function of the place in the log;
 * without any, none is recorded, and all ends are wall-clock times.
 *
 * <p>What is carried out of the part of an earlier opening is told by the wall clock, and its
 * record says so ({@link RecordLayout#FLAG_WALL}).
 *
 * <p>Changed under the history lock; {@link #timed} and {@link #isPlain} are for any thread.
 */
public final class LogClock {
  /** More openings than that, each with another lead, lose the oldest. */
  private static final int MAX_LEADS = 8;

  private static final int OFFSET_BITS = 25;

  private final TreeMap<Long, Long> leads = new TreeMap<>();
  private long foundAt;
  private long began;
  private long leadNanos;
  private boolean used;
  private boolean owed;
  private volatile @Nullable Times times;

  /** What readers see: leads from places on, and the present one. */
  private record Times(long[] from, long[] lead, long began, long leadNanos) {
    long leadAt(long place) {
      int found = Arrays.binarySearch(from, place);
      int index = found >= 0 ? found : -found - 2;
      return index < 0 ? 0 : lead[index];
    }
  }

  LogClock() {}

  /** A place in the log, which grows with it. */
  static long place(long sequence, long offset) {
    return (sequence << OFFSET_BITS) + offset;
  }

  /** Recovery found a record about clocks; its number stands where others have a hash. */
  void found(byte kind, long number) {
    if (kind == RecordLayout.CLOCK_FROM) {
      foundAt = number;
    } else if (kind == RecordLayout.CLOCK_LEAD) {
      leads.put(foundAt, number);
    }
  }

  /** The cache was opened: from here on, records are told by a clock that has no lead yet. */
  void begin(long place, long oldestSequence) {
    began = place;
    Long before = leads.floorKey(place(oldestSequence, 0));
    if (before != null) {
      leads.headMap(before).clear();
    }
    set(place, 0);
  }

  /**
   * The wall clock has stepped.
   *
   * @param nanos how much it leads over what it was set to at the opening
   */
  public void lead(long nanos) {
    leadNanos = nanos;
    set(began, nanos);
  }

  private void set(long place, long nanos) {
    Map.Entry<Long, Long> last = leads.floorEntry(place);
    if ((last == null ? 0 : last.getValue()) != nanos) {
      leads.put(place, nanos);
      owed = true;
    }
    while (leads.size() > MAX_LEADS) {
      leads.remove(leads.firstKey());
    }
    times = leads.isEmpty() && leadNanos == 0 ? null : snapshot();
  }

  private Times snapshot() {
    long[] from = leads.keySet().stream().mapToLong(Long::longValue).toArray();
    long[] lead = leads.values().stream().mapToLong(Long::longValue).toArray();
    return new Times(from, lead, began, leadNanos);
  }

  /** Whether all records tell what the wall clock says. */
  boolean isPlain() {
    return times == null;
  }

  /** A record's header, with the end by the clock of this opening. */
  Header timed(Header header, long sequence, long offset) {
    Times now = times;
    if (now == null || header.expiresAtNanos() == Long.MAX_VALUE) {
      return header;
    }
    long place = place(sequence, offset);
    boolean told = (header.flags() & RecordLayout.FLAG_WALL) == 0;
    if (told && place >= now.began) {
      return header;
    }
    long wall =
        told ? shifted(header.expiresAtNanos(), now.leadAt(place)) : header.expiresAtNanos();
    return header.ending(header.flags(), shifted(wall, -now.leadNanos));
  }

  /** Under the lock: a header for a record that is copied to the end of the log. */
  Header carried(Header header, long sequence, long offset) {
    long place = place(sequence, offset);
    boolean told = (header.flags() & RecordLayout.FLAG_WALL) == 0;
    if (header.expiresAtNanos() == Long.MAX_VALUE || !told || place >= began) {
      return header;
    }
    Map.Entry<Long, Long> lead = leads.floorEntry(place);
    byte flags = (byte) (header.flags() | RecordLayout.FLAG_WALL);
    return header.ending(
        flags, shifted(header.expiresAtNanos(), lead == null ? 0 : lead.getValue()));
  }

  private static long shifted(long nanos, long by) {
    long sum = nanos + by;
    boolean overflows = ((nanos ^ sum) & (by ^ sum)) < 0;
    long saturated = overflows ? (nanos < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
    return saturated == Long.MAX_VALUE ? saturated - 1 : saturated; // the maximum means never
  }

  /** A record was appended by this opening. */
  void use() {
    used = true;
  }

  /** Whether the log does not say yet how its records are told. */
  boolean isOwed() {
    return owed && used;
  }

  /** Where leads begin, and what they are; to be written to each extent that is opened. */
  Map<Long, Long> leads() {
    return leads;
  }

  /** They stand in the newest extent. */
  void told() {
    owed = false;
  }
}
