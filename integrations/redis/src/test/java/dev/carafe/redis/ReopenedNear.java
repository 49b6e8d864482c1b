package dev.carafe.redis;

import dev.carafe.Carafe;
import dev.carafe.redis.testing.RedisForTests;
import io.lettuce.core.codec.StringCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** A near cache that is closed and opened again from its file, and what its readers have seen. */
final class ReopenedNear implements AutoCloseable {
  /** The latest version that a reader got, by key. */
  final AtomicLongArray seen;

  /** Its read lock is held by those that use the cache. */
  final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

  final int number;
  private final RedisForTests server;
  private final Path file;
  private final Duration maxLag;
  private CarafeNearCache<String, String> cache;

  ReopenedNear(RedisForTests server, Path folder, int number, int keys, Duration maxLag) {
    this.server = server;
    this.file = folder.resolve("near" + number);
    this.number = number;
    this.seen = new AtomicLongArray(keys);
    this.maxLag = maxLag;
    this.cache = open();
  }

  private CarafeNearCache<String, String> open() {
    var builder =
        CarafeNearCache.newBuilder(server.uri(), StringCodec.UTF8)
            .near(Carafe.newBuilder().memory(64 << 10).file(file, 16 << 20)) // mostly the file
            .maxLag(maxLag);
    return (number == 1 ? builder.broadcast("k") : builder).build();
  }

  /** Returns the cache, for a holder of the lock. */
  CarafeNearCache<String, String> cache() {
    return cache;
  }

  void reopen() {
    inUse.writeLock().lock();
    try {
      cache.close();
      cache = open();
    } finally {
      inUse.writeLock().unlock();
    }
  }

  @Override
  public void close() {
    cache.close();
  }
}
