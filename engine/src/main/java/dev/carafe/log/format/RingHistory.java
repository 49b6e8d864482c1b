package dev.carafe.log.format;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Maps the sequence of an extent to its slot: the ring of slots that the file was created with, and
 * each change of its length since (contract D7). When the ring grows, no extent is copied; when it
 * shrinks, only the extents beyond the new end are. The slots are then no longer in ring order, so
 * the changes are kept to compute them, or else the slots of the extents before the last change.
 *
 * @param firstSequence the oldest extent that the log may have; 0 if the capacity was never changed
 * @param runs the slots of the extents before the first of the rings changes anything, oldest
 *     first; none if the first ring gives them
 * @param rings the first ring and the changes, oldest first; if there are runs, only changes
 */
public record RingHistory(long firstSequence, List<Run> runs, List<Ring> rings) {
  /** The maximum number of runs and rings. */
  public static final int MAX_ENTRIES = 26;

  /**
   * Consecutive extents in consecutive slots.
   *
   * @param origin the sequence of the first of them
   * @param slot of the first of them
   * @param length the number of extents
   */
  public record Run(long origin, int slot, int length) {
    /** The sequence after the last of them. */
    long end() {
      return origin + length;
    }

    boolean overlaps(Run other) {
      return slot < other.slot + other.length && other.slot < slot + length;
    }
  }

  /**
   * The ring from an extent on.
   *
   * @param origin the first sequence of the ring: of the first ring, the one at slot 0; of a
   *     change, the oldest extent that was kept
   * @param slots the number of slots of the ring
   * @param kept of a change while the file was open: the number of extents, from the origin on,
   *     that keep their slots, even those beyond the new end; 0 for other changes
   */
  public record Ring(long origin, int slots, int kept) {
    /** A ring that maps all extents from its origin on. */
    public Ring(long origin, int slots) {
      this(origin, slots, 0);
    }
  }

  /** Copies the lists. */
  public RingHistory {
    runs = List.copyOf(runs);
    rings = List.copyOf(rings);
  }

  /**
   * A history without runs.
   *
   * @param firstSequence the oldest extent that the log may have
   * @param rings the first ring and the changes, oldest first
   */
  public RingHistory(long firstSequence, List<Ring> rings) {
    this(firstSequence, List.of(), rings);
  }

  /**
   * The ring of a new file.
   *
   * @param slots the number of slots
   * @return extent s lies at slot s mod slots
   */
  public static RingHistory of(int slots) {
    return new RingHistory(0, List.of(new Ring(0, slots)));
  }

  /**
   * The present number of slots.
   *
   * @return the slots of the newest ring
   */
  public int slots() {
    return rings.getLast().slots();
  }

  /**
   * The number of runs and rings.
   *
   * @return at most {@link #MAX_ENTRIES}, if the history is valid
   */
  public int entryCount() {
    return runs.size() + rings.size();
  }

  /**
   * Returns the same ring with another oldest extent.
   *
   * @param sequence of the oldest extent that the log may have
   * @return the changed history
   */
  public RingHistory beginningAt(long sequence) {
    return new RingHistory(sequence, runs, rings);
  }

  /**
   * Returns a history of a single new ring, independent of the present slots of the extents.
   *
   * @param sequence of the oldest extent that is kept
   * @param origin the sequence of an extent at slot 0
   * @param slots the number of slots
   * @return the history
   */
  public static RingHistory restarted(long sequence, long origin, int slots) {
    return new RingHistory(sequence, List.of(new Ring(origin, slots)));
  }

  /**
   * Returns a history with a ring of another length, for a log that goes on while it changes. The
   * extents before a sequence keep their slots. Later ones get the other slots of the new ring,
   * first those that no kept extent has, then those of the kept extents, oldest first.
   *
   * @param oldest the oldest extent that is kept
   * @param boundary the first extent of the new ring
   * @param slots the new number of slots
   * @return the changed history, the shortest one; null if that has too many entries
   */
  public @Nullable RingHistory continued(long oldest, long boundary, int slots) {
    Ring change = new Ring(oldest, slots, (int) (boundary - oldest));
    List<Ring> changed = new ArrayList<>(rings);
    changed.add(change);
    RingHistory history = new RingHistory(oldest, runs, changed);
    RingSlots after = RingSlots.of(history);
    if (boundary == oldest || (after.isRotation() && isSameBefore(after, oldest, boundary))) {
      return restarted(oldest, after.originOfRotation(), slots);
    }
    List<Run> kept = slotMap().runs(oldest, boundary);
    if (kept.size() < runs.size() + rings.size()) {
      history = new RingHistory(oldest, kept, List.of(change));
    }
    return history.entryCount() <= MAX_ENTRIES ? history : null;
  }

  private static boolean isSameBefore(RingSlots rotation, long oldest, long boundary) {
    RingSlots plain =
        RingSlots.of(restarted(oldest, rotation.originOfRotation(), rotation.slotCount()));
    for (long sequence = oldest; sequence < boundary; sequence++) {
      if (plain.slotOf(sequence) != rotation.slotOf(sequence)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the shortest history with the same slots for an extent and all later ones.
   *
   * @param oldest the oldest extent of the log
   * @return the history
   */
  public RingHistory settled(long oldest) {
    RingSlots slots = slotMap();
    boolean isPlain = slots.boundary() > 0 && oldest >= slots.boundary() && slots.isRotation();
    return isPlain ? restarted(oldest, slots.originOfRotation(), slots()) : beginningAt(oldest);
  }

  /**
   * Computes the slots of all extents.
   *
   * @return the slots by sequence
   */
  public RingSlots slotMap() {
    return RingSlots.of(this);
  }

  /**
   * The number of slots that the file has while extents of the log may lie beyond the new end.
   *
   * @return at least {@link #slots}
   */
  public int slotCount() {
    RingSlots all = slotMap();
    int count = slots();
    for (long s = Math.max(firstSequence, rings.getLast().origin()); s < all.boundary(); s++) {
      count = Math.max(count, all.slotOf(s) + 1);
    }
    return count;
  }

  /**
   * The newest extent of the log that lies beyond the end of the new ring.
   *
   * @return its sequence, 0 if there is none
   */
  public long lastBeyondEnd() {
    RingSlots all = slotMap();
    long first = Math.max(firstSequence, rings.getLast().origin());
    for (long sequence = all.boundary() - 1; sequence >= first; sequence--) {
      if (all.slotOf(sequence) >= slots()) {
        return sequence;
      }
    }
    return 0;
  }

  /**
   * Whether the values can describe a log.
   *
   * @return false if a number is out of its range, or two extents of the runs have the same slot
   */
  boolean isPossible() {
    boolean possible = isPossible(firstSequence) && !rings.isEmpty();
    possible &= entryCount() <= MAX_ENTRIES;
    for (Ring ring : rings) {
      possible &= isExtentCount(ring.slots) && isPossible(ring.origin);
      possible &= ring.kept == 0 || isExtentCount(ring.kept);
    }
    return possible && hasPossibleRuns();
  }

  private boolean hasPossibleRuns() {
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      if (!isPossible(run.origin)
          || !isExtentCount(run.length)
          || run.slot < 0
          || run.slot > FileHeaderLayout.MAX_EXTENTS - run.length
          || (i > 0 && run.origin != runs.get(i - 1).end())
          || runs.subList(0, i).stream().anyMatch(run::overlaps)) {
        return false;
      }
    }
    if (runs.isEmpty()) {
      return true;
    }
    Ring first = rings.getFirst();
    return first.kept > 0
        && first.origin >= runs.getFirst().origin
        && first.origin + first.kept <= runs.getLast().end();
  }

  private static boolean isExtentCount(int count) {
    return count > 0 && count <= FileHeaderLayout.MAX_EXTENTS;
  }

  private static boolean isPossible(long sequence) {
    return sequence >= 0 && sequence <= ExtentHeaderLayout.MAX_SEQUENCE;
  }
}
