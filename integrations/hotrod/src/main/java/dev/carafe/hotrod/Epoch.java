package dev.carafe.hotrod;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
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

  /**
   * The keys that the Bloom filter at the server must contain, since their values are believed;
   * null if the server announces all changes.
   */
  private final @Nullable Cache<Key, Boolean> listed;

  private volatile boolean isConfirmed;

  /** The versions of values of earlier epochs that are believed. */
  private volatile @Nullable Versions verified;

  private Epoch(boolean isConfirmed, long newestThread, @Nullable Cache<Key, Boolean> listed) {
    this.isConfirmed = isConfirmed;
    this.newestThread = newestThread;
    this.listed = listed;
  }

  /** Begins the epoch of a listener that is registered before the first read. */
  static Epoch first(@Nullable Cache<Key, Boolean> listed) {
    return new Epoch(true, 0, listed);
  }

  /** Begins an epoch whose listener is perhaps not registered yet. */
  static Epoch next(@Nullable Cache<Key, Boolean> listed) {
    // OpenJDK numbers threads in the order of their creation.
    return new Epoch(false, Thread.ofVirtual().unstarted(() -> {}).threadId(), listed);
  }

  /**
   * Returns an empty list of keys.
   *
   * @param most the number of keys
   * @param removed told of each key that is removed
   */
  static Cache<Key, Boolean> list(int most, Consumer<Key> removed) {
    return Caffeine.newBuilder()
        .maximumSize(most)
        .removalListener((@Nullable Key key, @Nullable Boolean value, RemovalCause cause) -> {
          if (cause != RemovalCause.REPLACED && key != null) {
            removed.accept(key);
          }
        })
        .build();
  }

  /** Random, so that values in a file can't have the number of a later epoch. */
  long number() {
    return number;
  }

  @Nullable Cache<Key, Boolean> listed() {
    return listed;
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
