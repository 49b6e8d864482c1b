package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What is under way with one key: a read of the file, a load, a future that the application put, or
 * a refresh. Others who want the key's value wait here (contract R5). {@link Flights} has those
 * that have not ended.
 */
final class Load {
  /** What brings the value. */
  enum Kind {
    /** The file. */
    READ,
    /** A loader, after a look into the file. */
    LOAD,
    /** A future that the application put. */
    SUPPLIED,
    /** A loader, while readers still get the old value. */
    REFRESH
  }

  private final Kind kind;
  private final @Nullable Thread owner;
  private final @Nullable CompletableFuture<?> promised;
  private final CompletableFuture<@Nullable Object> outcome = new CompletableFuture<>();

  /** Written under the key's lock, once. */
  private volatile boolean superseded;

  /** As is this: it began after an operation that superseded it had looked for loads. */
  private volatile boolean retryRequired;

  /** Written under the key's lock before {@link #superseded}. */
  private @Nullable RemovalCause cause;

  private Load(Kind kind, @Nullable Thread owner, @Nullable CompletableFuture<?> promised) {
    this.kind = kind;
    this.owner = owner;
    this.promised = promised;
  }

  /** By the calling thread. */
  static Load ofCurrentThread(Kind kind) {
    return new Load(kind, Thread.currentThread(), null);
  }

  /** By no thread in particular, as a future that the application has. */
  static Load ofFuture(Kind kind, CompletableFuture<?> future) {
    return new Load(kind, null, future);
  }

  /** What those who ask for the key's future are given; null if this load has none. */
  @Nullable CompletableFuture<?> promised() {
    return promised;
  }

  /** Whether the application completed the future otherwise than by a value. */
  boolean isFailed() {
    return promised != null && promised.isCompletedExceptionally();
  }

  /** Whether it brings what was missed, and not what was put. */
  boolean isMiss() {
    return kind != Kind.SUPPLIED;
  }

  /** Whether the value comes from the application, and not from the file. */
  boolean isLoading() {
    return kind != Kind.READ;
  }

  boolean isOwnedByCurrentThread() {
    return owner == Thread.currentThread();
  }

  /** Completes when the load has ended: look again. */
  CompletableFuture<@Nullable Object> outcome() {
    return outcome;
  }

  /** Whether this can still end: a thread is in it, or its future is not done. */
  boolean isUnderWay() {
    if (promised != null) {
      return !promised.isDone();
    }
    if (owner == null || owner == Thread.currentThread()) {
      return false;
    }
    String here = Load.class.getPackageName();
    return Arrays.stream(owner.getStackTrace())
        .anyMatch(frame -> frame.getClassName().startsWith(here));
  }

  /**
   * Under the key's lock: a write or a removal comes after this load, so its value is not
   * installed.
   *
   * @param why what listeners are told of the value when it comes; null if they are not told
   */
  void supersede(@Nullable RemovalCause why) {
    if (!superseded) {
      cause = why;
      superseded = true;
    }
  }

  boolean isSuperseded() {
    return superseded;
  }

  /** Why the value is not installed; null if it may be, or if listeners are not told. */
  @Nullable RemovalCause cause() {
    return superseded ? cause : null;
  }

  /**
   * Under the key's lock: an operation that says what it found is about to supersede this load,
   * which began after it had looked for loads. The load comes after it, so it is repeated unless
   * there is a newer value.
   */
  void requireRetry() {
    retryRequired = true;
  }

  /** Whether to load again if the key has no value. */
  boolean mustRetry() {
    return retryRequired;
  }

  /**
   * Lets the others go on.
   *
   * @param value what was loaded if it could not be kept for them to find, else null
   */
  void complete(@Nullable Object value) {
    outcome.complete(value);
  }

  /**
   * Waits for the load to end, uninterruptibly, as Caffeine does.
   *
   * @return what was loaded, or null: look again
   * @throws IllegalStateException if this very thread is loading it
   */
  @Nullable Object await(Object key) {
    if (isOwnedByCurrentThread() && !outcome.isDone()) {
      throw new IllegalStateException("recursive load: the loader of " + key + " asks for it");
    }
    return outcome.join();
  }
}
