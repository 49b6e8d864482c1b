package dev.carafe.base;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The open structures of this process, which tests check after each test. With {@link
 * Invariants#ON} a structure is registered when it opens and checked when it closes. Otherwise this
 * class does nothing.
 *
 * <p>A structure is checked while no operation is in progress. Background threads may still run, so
 * a failed check is repeated for up to 5 seconds.
 */
public final class Structures {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private static final List<WeakReference<Structure>> OPEN = new ArrayList<>(); // guarded by itself
  private static final List<Throwable> BROKEN = new ArrayList<>(); // guarded by the lock of OPEN

  private Structures() {}

  /** A structure with invariants. */
  public interface Structure {
    /**
     * Checks every invariant.
     *
     * @throws IllegalStateException if one is broken
     */
    void checkInvariants();
  }

  /**
   * Registers a structure. It is checked after each test until it closes.
   *
   * @param structure the structure, which is held by a weak reference
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
   * Checks a structure that closes, and keeps the failure for {@link #takeBroken}. Called while no
   * operation is in progress and its memory is still mapped.
   *
   * @param structure the structure
   */
  public static void closing(Structure structure) {
    if (Invariants.ON) {
      forget(structure);
      check(structure);
    }
  }

  /** Checks all open structures. A broken structure is not checked again. */
  public static void checkOpen() {
    for (Structure structure : open()) {
      if (!check(structure)) {
        forget(structure);
      }
    }
  }

  /**
   * Returns the failures since the last call.
   *
   * @return the failures; empty if there were none
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
    if (broken == null || isOpen(structure) != wasOpen) { // checked by closing()
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
