package dev.carafe.log.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The slots of extents by sequence, computed from the entries of a {@link RingHistory}. */
public final class RingSlots {
  private final @Nullable RingSlots before;
  private final long boundary;
  private final int slots;
  private final int firstSlot;
  private final int @Nullable [] table; // null: extent boundary + i lies at firstSlot + i mod slots

  private RingSlots(@Nullable RingSlots before, long boundary, int slots, int @Nullable [] table) {
    this.before = before;
    this.boundary = boundary;
    this.slots = slots;
    this.firstSlot = 0;
    this.table = table;
  }

  private RingSlots(@Nullable RingSlots before, RingHistory.Run run) {
    this.before = before;
    this.boundary = run.origin();
    this.slots = FileHeaderLayout.MAX_EXTENTS;
    this.firstSlot = run.slot();
    this.table = null;
  }

  static RingSlots of(RingHistory history) {
    RingSlots found = null;
    for (RingHistory.Run run : history.runs()) {
      found = new RingSlots(found, run);
    }
    for (RingHistory.Ring ring : history.rings()) {
      found =
          found == null
              ? new RingSlots(null, ring.origin(), ring.slots(), null)
              : ring.kept() == 0 ? found.resized(ring) : found.continued(ring);
    }
    if (found == null) {
      throw new IllegalArgumentException("the history has no ring");
    }
    return found;
  }

  /**
   * The slot of an extent.
   *
   * @param sequence of the extent
   * @return its slot
   */
  public int slotOf(long sequence) {
    RingSlots older = before;
    if (older != null && sequence < boundary) {
      return older.slotOf(sequence);
    }
    int at = (int) Math.floorMod(sequence - boundary, (long) slots);
    int[] known = table;
    return known == null ? firstSlot + at : known[at];
  }

  /** The slots of the extents from a sequence up to another, as runs. */
  List<RingHistory.Run> runs(long from, long end) {
    List<RingHistory.Run> runs = new ArrayList<>();
    long origin = from;
    for (long sequence = from + 1; sequence <= end; sequence++) {
      if (sequence == end || slotOf(sequence) != slotOf(sequence - 1) + 1) {
        runs.add(new RingHistory.Run(origin, slotOf(origin), (int) (sequence - origin)));
        origin = sequence;
      }
    }
    return runs;
  }

  int slotCount() {
    return slots;
  }

  /**
   * The first extent of the newest entry that keeps older extents in their slots.
   *
   * @return 0 if all extents have slots of the newest ring
   */
  long boundary() {
    return before == null ? 0 : boundary;
  }

  /** Whether the slots from the boundary on are in ascending order, modulo their number. */
  boolean isRotation() {
    int[] known = table;
    for (int i = 1; known != null && i < slots; i++) {
      if (known[i] != (known[i - 1] + 1) % slots) {
        return false;
      }
    }
    return true;
  }

  /** A ring by which all extents have the slots that these rings give them from the boundary on. */
  long originOfRotation() {
    return Math.floorMod(boundary - slotOf(boundary), (long) slots);
  }

  private RingSlots resized(RingHistory.Ring ring) {
    int[] after = new int[ring.slots()];
    Arrays.fill(after, -1);
    boolean[] taken = new boolean[after.length];
    for (int i = 0; i < Math.min(slots, after.length); i++) {
      int slot = slotOf(ring.origin() + i);
      if (slot < after.length && !taken[slot]) {
        after[i] = slot;
        taken[slot] = true;
      }
    }
    int free = 0;
    for (int i = 0; i < after.length; i++) {
      if (after[i] < 0) {
        while (taken[free]) {
          free++;
        }
        after[i] = free++;
      }
    }
    return new RingSlots(null, ring.origin(), after.length, after);
  }

  /**
   * The first slot that a ring takes, if it is free: the one after that of the last kept extent.
   */
  private int startOf(RingHistory.Ring ring, int length) {
    long first = ring.origin() + ring.kept();
    int last = slotOf(first - 1);
    if (ring.kept() > 0 && last < length) {
      return (last + 1) % length;
    }
    int next = slotOf(first);
    return next < length ? next : 0;
  }

  private RingSlots continued(RingHistory.Ring ring) {
    long first = ring.origin() + ring.kept();
    int[] after = new int[ring.slots()];
    boolean[] taken = new boolean[after.length];
    int[] kept = new int[after.length];
    int keptCount = 0;
    for (long sequence = ring.origin(); sequence < first; sequence++) {
      int slot = slotOf(sequence);
      if (slot < after.length && !taken[slot]) {
        taken[slot] = true;
        kept[keptCount++] = slot;
      }
    }
    int start = startOf(ring, after.length);
    int count = 0;
    for (int i = 0; i < after.length; i++) {
      int slot = (start + i) % after.length;
      if (!taken[slot]) {
        after[count++] = slot;
      }
    }
    System.arraycopy(kept, 0, after, count, keptCount);
    return new RingSlots(this, first, after.length, after);
  }
}
