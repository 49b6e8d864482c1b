package dev.carafe.jcache;

import org.jspecify.annotations.Nullable;

/**
 * Whether {@code carafe-redis} is there, which is optional, and the connections of a manager's
 * caches by it. Thread-safe.
 */
final class FarSide implements AutoCloseable {
  private @Nullable FarServers servers; // guarded by this; null until a cache has a far side

  /**
   * Checks that the artifact is there.
   *
   * @throws IllegalArgumentException if it is missing
   */
  static void requirePresent(String cacheName) {
    try {
      var _ =
          Class.forName("dev.carafe.redis.CarafeNearCache", false, FarSide.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(
          "far of the cache " + cacheName + " is set but dev.carafe:carafe-redis is missing", e);
    }
  }

  /** Returns the connections. */
  synchronized FarServers servers() {
    FarServers open = servers;
    if (open == null) {
      open = new FarServers();
      servers = open;
    }
    return open;
  }

  @Override
  public synchronized void close() {
    if (servers != null) {
      servers.close();
    }
  }
}
