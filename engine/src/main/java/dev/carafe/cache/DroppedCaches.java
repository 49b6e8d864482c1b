package dev.carafe.cache;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.FutureTask;

/**
 * The dropped caches of a store whose memory is not released yet. A task on the executor of the
 * cache releases it, or at the latest the close of the store.
 *
 * <p>Thread-safe.
 */
final class DroppedCaches {
  private final Map<CacheContext<?, ?>, FutureTask<?>> releases = new HashMap<>();

  /** Adds a cache that is being dropped. */
  synchronized void add(CacheContext<?, ?> context) {
    releases.put(context, new FutureTask<>(context::release, null));
  }

  /** Starts to release the memory of a cache that was added. */
  void startRelease(CacheContext<?, ?> context) {
    context.hooks().tasks().run(() -> release(context));
  }

  private void release(CacheContext<?, ?> context) {
    FutureTask<?> task;
    synchronized (this) {
      task = releases.get(context);
    }
    if (task != null) {
      task.run(); // unless another thread runs it or has run it
      synchronized (this) {
        releases.remove(context);
      }
    }
  }

  synchronized boolean isEmpty() {
    return releases.isEmpty();
  }

  /** Releases the memory of all caches, and waits for the threads that do. */
  void releaseAll() {
    Map<CacheContext<?, ?>, FutureTask<?>> pending;
    synchronized (this) {
      pending = Map.copyOf(releases);
    }
    for (CacheContext<?, ?> context : pending.keySet()) {
      release(context);
      context.close(); // waits for the thread that releases it
    }
  }
}
