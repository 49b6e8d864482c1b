package dev.carafe.log.format;

import java.util.ArrayList;
import java.util.List;

/**
 * Maps the sequence of an extent to its slot: the ring of slots that the file was created with, and
 * each change of its length since (contract D7). When the ring grows, no extent is copied; when it
 * shrinks, only the extents beyond the new end are. The slots are then no longer in ring order, so
 * the changes are kept to compute them.
 *
 * @param firstSequence the oldest extent that the log may have; 0 if the capacity was never changed
 * @param rings the first ring and the changes, oldest first
 */
public record RingHistory(long firstSequence, List<Ring> rings) {
  /** The maximum number of rings that are kept. */
  public static final int MAX_RINGS = 26;

  /**
   * The ring from an extent on.
   *
   * @param origin the first sequence of the ring: of the first ring, the one at slot 0; of a
   *     change, the oldest extent that was kept
   * @param slots the number of slots of the ring
   */
  public record Ring(long origin, int slots) {}

  /** Copies the list. */
  public RingHistory {
    rings = List.copyOf(rings);
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
   * Whether slots are assigned round robin, as in a new file.
   *
   * @return true if extent s lies at slot s mod slots
   */
  public boolean isRoundRobin() {
    return rings.size() == 1 && rings.getFirst().origin() % slots() == 0;
  }

  /**
   * Whether the history has the maximum number of rings.
   *
   * @return true if the next change must {@link #restarted restart} the ring
   */
  public boolean isFull() {
    return rings.size() == MAX_RINGS;
  }

  /**
   * Returns the same ring with another oldest extent.
   *
   * @param sequence of the oldest extent that the log may have
   * @return the changed history
   */
  public RingHistory beginningAt(long sequence) {
    return new RingHistory(sequence, rings);
  }

  /**
   * Returns a history with a ring of another length. A kept extent keeps its slot if the slot is
   * kept. Other extents get the free slots in ascending order.
   *
   * @param sequence of the oldest extent that is kept
   * @param slots the new number of slots
   * @return the changed history
   */
  public RingHistory resized(long sequence, int slots) {
    List<Ring> changed = new ArrayList<>(rings);
    boolean replaces =
        rings.size() > 1
            && rings.getLast().origin() == sequence
            && rings.getLast().slots() >= rings.get(rings.size() - 2).slots();
    if (replaces) {
      changed.removeLast(); // added slots that hold no extent need no ring
    }
    changed.add(new Ring(sequence, slots));
    return new RingHistory(sequence, changed);
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
   * Computes the slots of all extents.
   *
   * @return at index s mod {@link #slots} the slot of extent s
   */
  public int[] slotsBySequence() {
    int[] slots = first(rings.getFirst());
    for (Ring ring : rings.subList(1, rings.size())) {
      slots = resized(slots, ring);
    }
    return slots;
  }

  private static int[] first(Ring ring) {
    int[] slots = new int[ring.slots()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = Math.floorMod(i - ring.origin(), slots.length);
    }
    return slots;
  }

  private static int[] resized(int[] before, Ring ring) {
    int[] slots = new int[ring.slots()];
    boolean[] stays = new boolean[slots.length];
    boolean[] taken = new boolean[slots.length];
    for (int i = 0; i < Math.min(before.length, slots.length); i++) {
      int slot = before[(int) ((ring.origin() + i) % before.length)];
      if (slot < slots.length) {
        int at = (int) ((ring.origin() + i) % slots.length);
        slots[at] = slot;
        stays[at] = true;
        taken[slot] = true;
      }
    }
    int free = 0;
    for (int i = 0; i < slots.length; i++) {
      int at = (int) ((ring.origin() + i) % slots.length);
      if (!stays[at]) {
        while (taken[free]) {
          free++;
        }
        slots[at] = free++;
      }
    }
    return slots;
  }
}
