package dev.carafe.log.format;

import java.util.ArrayList;
import java.util.List;

/**
 * Which slot each extent lies in, as a function of its sequence: the ring of slots that the file
 * was created with, and each change of its length since (contract D7). No extent is moved when the
 * ring grows, and only those beyond the new end are when it shrinks; so the slots stand in the
 * order of the ring no longer, and the changes are kept to compute them.
 *
 * @param firstSequence the log begins here or later: no older extent counts; 0 if the capacity was
 *     never changed
 * @param rings the first ring and the changes, oldest first
 */
public record RingHistory(long firstSequence, List<Ring> rings) {
  /** So many changes are kept. */
  public static final int MAX_RINGS = 26;

  /**
   * The ring from some extent on.
   *
   * @param origin the sequence that it is counted from: of the first ring, the one that lies at
   *     slot 0; of a change, the oldest extent that was kept
   * @param slots how many slots the ring has
   */
  public record Ring(long origin, int slots) {}

  /** Copies the list. */
  public RingHistory {
    rings = List.copyOf(rings);
  }

  /**
   * The ring of a new file.
   *
   * @param slots how many slots it has
   * @return extent s lies at slot s mod slots
   */
  public static RingHistory of(int slots) {
    return new RingHistory(0, List.of(new Ring(0, slots)));
  }

  /**
   * How many slots there are now.
   *
   * @return the newest ring's
   */
  public int slots() {
    return rings.getLast().slots();
  }

  /**
   * Whether all slots are in the order of a new file's.
   *
   * @return true if extent s lies at slot s mod slots
   */
  public boolean isRoundRobin() {
    return rings.size() == 1 && rings.getFirst().origin() % slots() == 0;
  }

  /**
   * Whether no further change can be kept.
   *
   * @return true if the next change must {@link #restarted restart} the ring
   */
  public boolean isFull() {
    return rings.size() == MAX_RINGS;
  }

  /**
   * The same ring, with a log that begins later.
   *
   * @param sequence of the oldest extent that counts
   * @return a changed history
   */
  public RingHistory beginningAt(long sequence) {
    return new RingHistory(sequence, rings);
  }

  /**
   * A ring of another length. Extents that are kept stay in their slots, if these are left; the
   * others take the slots that no extent has, in ascending order.
   *
   * @param sequence of the oldest extent that is kept
   * @param slots how many slots there are then
   * @return a changed history
   */
  public RingHistory resized(long sequence, int slots) {
    List<Ring> changed = new ArrayList<>(rings);
    boolean replaces =
        rings.size() > 1
            && rings.getLast().origin() == sequence
            && rings.getLast().slots() >= rings.get(rings.size() - 2).slots();
    if (replaces) {
      changed.removeLast(); // slots that were added and hold nothing leave no trace
    }
    changed.add(new Ring(sequence, slots));
    return new RingHistory(sequence, changed);
  }

  /**
   * A new ring, without regard to where extents lie.
   *
   * @param sequence of the oldest extent that is kept
   * @param origin of an extent that lies at slot 0
   * @param slots how many slots there are
   * @return a history of one ring
   */
  public static RingHistory restarted(long sequence, long origin, int slots) {
    return new RingHistory(sequence, List.of(new Ring(origin, slots)));
  }

  /**
   * The slots of all extents.
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
