package dev.carafe.jcache;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A server of Redis or Valkey that has the values of a cache of all processes: the far side of the
 * cache.
 *
 * @param address such as {@code redis://localhost:6379?timeout=2s}
 * @param staleIfDisconnected for which values are served while the server is not connected, at
 *     least a millisecond; null: not at all
 */
public record FarServer(String address, @Nullable Duration staleIfDisconnected)
    implements Serializable {
  /**
   * Checks the duration.
   *
   * @throws IllegalArgumentException if it is shorter than a millisecond
   */
  public FarServer {
    Objects.requireNonNull(address, "address");
    if (staleIfDisconnected != null && staleIfDisconnected.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException(
          "staleIfDisconnected is " + staleIfDisconnected + ", must be at least 1 ms");
    }
  }

  /** Without the address, which may have a password. */
  @Override
  public String toString() {
    return "FarServer[staleIfDisconnected=" + staleIfDisconnected + "]";
  }
}
