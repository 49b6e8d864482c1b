package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An operation in flight that provides the value of one key: a read of the file, a load, a future
 * that the application put, or a refresh. Other callers of the key wait for it (contract R5).
 * {@link Flights} holds the loads that have not ended.
 */
final class Load {
  /** The source of the value. */
  enum Kind {
    /** The file. */
    READ,
    /** A loader, after a miss in the file. */
    LOAD,
    /** A future that the application put. */
    SUPPLIED,
    /** A loader that refreshes the value. Reads return the old value meanwhile. */
    REFRESH
  }

  private final Kind kind;
  private final @Nullable Thread owner;
  private final @Nullable CompletableFuture<?> future;
  private final CompletableFuture<@Nullable Object> outcome = new CompletableFuture<>();

  /** Set once, under the key's lock. */
  private volatile boolean superseded;

  /**
   * Set under the key's lock: this load began after the operation that superseded it had checked
   * for loads.
   */
  private volatile boolean retryRequired;

  /** Set while {@link Flights} has the load. */
  private volatile boolean waiters;

  /** Written under the key's lock before {@link #superseded}. */
  private @Nullable RemovalCause cause;

  private Load(Kind kind, @Nullable Thread owner, @Nullable CompletableFuture<?> future) {
    this.kind = kind;
    this.owner = owner;
    this.future = future;
  }

  /** Creates a load that the current thread runs. */
  static Load ofCurrentThread(Kind kind) {
    return new Load(kind, Thread.currentThread(), null);
  }

  /** Creates a load whose result the application gets by a future. */
  static Load ofFuture(Kind kind, CompletableFuture<?> future) {
    return new Load(kind, null, future);
  }

  /** Records that another caller is about to wait for this load. */
  void addWaiter() {
    waiters = true;
  }

  boolean hasWaiters() {
    return waiters;
  }

  /** Returns the future of this load; null if it has none. */
  @Nullable CompletableFuture<?> future() {
    return future;
  }

  /** Returns whether the future was completed exceptionally or cancelled. */
  boolean isFailed() {
    return future != null && future.isCompletedExceptionally();
  }

  /** Returns whether the value is loaded after a miss, and not put by the application. */
  boolean isMiss() {
    return kind != Kind.SUPPLIED;
  }

  /** Returns whether the value comes from the application, and not from the file. */
  boolean isLoading() {
    return kind != Kind.READ;
  }

  boolean isOwnedByCurrentThread() {
    return owner == Thread.currentThread();
  }

  /**
   * Returns a future that completes when the load has ended. Callers then look the key up again.
   */
  CompletableFuture<@Nullable Object> outcome() {
    return outcome;
  }

  /**
   * Returns whether this load can still end: its thread is running it, or its future is not done.
   */
  boolean isUnderWay() {
    if (future != null) {
      return !future.isDone();
    }
    if (owner == null || owner == Thread.currentThread()) {
      return false;
    }
    String here = Load.class.getPackageName();
    return Arrays.stream(owner.getStackTrace())
        .anyMatch(frame -> frame.getClassName().startsWith(here));
  }

  /**
   * Prevents the installation of the value, since a write or a removal is ordered after this load.
   * The caller holds the key's lock.
   *
   * @param why the cause for the removal listener when the value arrives; null for no notification
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

  /**
   * Returns the cause for the removal listener; null if the value may be installed, or if listeners
   * are not notified.
   */
  @Nullable RemovalCause cause() {
    return superseded ? cause : null;
  }

  /**
   * Requires that the loader runs again unless the key has a newer value. Called under the key's
   * lock by a read-modify-write operation that is about to supersede this load: the load began
   * after the operation had checked for loads, so it is ordered after the operation.
   */
  void requireRetry() {
    retryRequired = true;
  }

  /** Returns whether to load again if the key has no value. */
  boolean mustRetry() {
    return retryRequired;
  }

  /**
   * Releases the waiting callers.
   *
   * @param value the loaded value if it could not be stored in the cache, else null
   */
  void complete(@Nullable Object value) {
    outcome.complete(value);
  }

  /**
   * Waits for the load to end, uninterruptibly, as Caffeine does.
   *
   * @return the loaded value, or null: the caller looks the key up again
   * @throws IllegalStateException if the current thread runs this load
   */
  @Nullable Object await(Object key) {
    if (isOwnedByCurrentThread() && !outcome.isDone()) {
      throw new IllegalStateException(
          "recursive load: the loader of " + key + " requests the same key");
    }
    return outcome.join();
  }
}
