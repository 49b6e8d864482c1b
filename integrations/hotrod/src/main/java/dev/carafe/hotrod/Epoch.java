package dev.carafe.hotrod;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A time during which the client's listener misses no change. It ends when the client clears the
 * near cache: the connection of the listener was lost, or the server's cache was cleared. Values
 * that were read in an earlier epoch are not believed.
 *
 * <p>The client clears the near cache <em>before</em> it registers its listener again, and does not
 * say when that is done. Reads in between must not be kept: a change before the registration is not
 * announced. What is known is this: the client looks into the near cache only after it has checked,
 * on the same thread, that the listener is registered. The check of a thread may have been before
 * the loss. Its next one was not, and neither was that of a thread that was created since. So an
 * epoch is confirmed by the second look of a thread, or by the first look of a new one.
 */
final class Epoch {
  /** Threads beyond these confirm nothing; the first ones do. */
  private static final int MOST_THREADS = 10_000;

  private final long number = ThreadLocalRandom.current().nextLong();
  private final Set<Long> threads = ConcurrentHashMap.newKeySet();
  private final long newestThread;

  private volatile boolean isConfirmed;

  /** The versions of values of earlier epochs that are believed. */
  private volatile @Nullable Versions verified;

  private Epoch(boolean isConfirmed, long newestThread) {
    this.isConfirmed = isConfirmed;
    this.newestThread = newestThread;
  }

  /** Begins the epoch of a listener that is registered before the first read. */
  static Epoch first() {
    return new Epoch(true, 0);
  }

  /** Begins an epoch whose listener is perhaps not registered yet. */
  static Epoch next() {
    // OpenJDK numbers threads in the order of their creation.
    return new Epoch(false, Thread.ofVirtual().unstarted(() -> {}).threadId());
  }

  /** Random, so that values in a file can't have the number of a later epoch. */
  long number() {
    return number;
  }

  /**
   * Notes that the client looks for a value on this thread.
   *
   * @return whether the epoch is confirmed by this look
   */
  boolean observe() {
    if (isConfirmed) {
      return false;
    }
    long thread = Thread.currentThread().threadId();
    if (thread > newestThread || threads.contains(thread)) {
      return confirm();
    }
    if (threads.size() < MOST_THREADS) {
      threads.add(thread);
    }
    return false;
  }

  private synchronized boolean confirm() {
    boolean isFirst = !isConfirmed;
    isConfirmed = true;
    threads.clear();
    return isFirst;
  }

  /** Returns whether a read that begins now may be kept. */
  boolean isConfirmed() {
    return isConfirmed;
  }

  /** Believes values of earlier epochs that have one of these versions. */
  void verify(Versions versions) {
    verified = versions;
  }

  /** Returns whether a value of an earlier epoch is believed. */
  boolean isVerified(long version) {
    Versions versions = verified;
    return versions != null && versions.contains(version);
  }
}
