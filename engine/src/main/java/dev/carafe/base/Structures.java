package dev.carafe.base;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The open structures of this process, for tests that check all of them. With {@link Invariants#ON}
 * a structure registers when it opens and is checked when it closes; without, nothing happens here.
 *
 * <p>A structure is checked while no operation is under way. Background threads may still be at
 * work, so a check is repeated for a bounded time before it counts as failed.
 */
public final class Structures {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private static final List<WeakReference<Structure>> OPEN = new ArrayList<>(); // its own lock
  private static final List<Throwable> BROKEN = new ArrayList<>(); // under the lock of OPEN

  private Structures() {}

  /** What can be checked as a whole. */
  public interface Structure {
    /**
     * Checks every invariant.
     *
     * @throws IllegalStateException if one is broken
     */
    void checkInvariants();
  }

  /**
   * A structure was opened, and is checked after each test until it closes.
   *
   * @param structure not kept from the garbage collector
   */
  public static void opened(Structure structure) {
    if (Invariants.ON) {
      synchronized (OPEN) {
        OPEN.removeIf(reference -> reference.get() == null);
        OPEN.add(new WeakReference<>(structure));
      }
    }
  }

  /**
   * A structure closes: no operation is under way, and its memory is still there. It is checked,
   * and what is broken is kept for {@link #takeBroken}.
   *
   * @param structure what closes
   */
  public static void closing(Structure structure) {
    if (Invariants.ON) {
      forget(structure);
      check(structure);
    }
  }

  /** Checks all open structures; one that is broken is not checked again. */
  public static void checkOpen() {
    for (Structure structure : open()) {
      if (!check(structure)) {
        forget(structure);
      }
    }
  }

  /**
   * What was found broken since the last call.
   *
   * @return the failures, empty if all is well
   */
  public static List<Throwable> takeBroken() {
    synchronized (OPEN) {
      List<Throwable> taken = List.copyOf(BROKEN);
      BROKEN.clear();
      return taken;
    }
  }

  private static List<Structure> open() {
    List<Structure> open = new ArrayList<>();
    synchronized (OPEN) {
      for (WeakReference<Structure> reference : OPEN) {
        Structure structure = reference.get();
        if (structure != null) {
          open.add(structure);
        }
      }
    }
    return open;
  }

  private static boolean isOpen(Structure structure) {
    synchronized (OPEN) {
      return OPEN.stream().anyMatch(reference -> reference.get() == structure);
    }
  }

  private static void forget(Structure structure) {
    synchronized (OPEN) {
      OPEN.removeIf(reference -> reference.get() == structure);
    }
  }

  private static boolean check(Structure structure) {
    boolean wasOpen = isOpen(structure);
    Throwable broken = broken(structure);
    long end = System.nanoTime() + MAX_WAIT_NANOS;
    while (broken != null && System.nanoTime() < end) {
      LockSupport.parkNanos(structure, PAUSE_NANOS);
      broken = broken(structure);
    }
    if (broken == null || isOpen(structure) != wasOpen) { // closed meanwhile: checked there
      return true;
    }
    LOG.log(System.Logger.Level.ERROR, "a structure is broken", broken);
    synchronized (OPEN) {
      BROKEN.add(broken);
    }
    return false;
  }

  private static @Nullable Throwable broken(Structure structure) {
    try {
      structure.checkInvariants();
      return null;
    } catch (RuntimeException | Error e) {
      return e;
    }
  }
}
