package dev.carafe.hotrod;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** A client whose near cache is closed and opened again from its file, and what it has written. */
final class ReopenedNear implements AutoCloseable {
  /** More than there are keys. */
  private static final int VERSIONS = 1000;

  /** The number of the last write or removal by this client that has returned, by key. */
  final AtomicLongArray written;

  /** Its read lock is held by those that use the cache. */
  final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

  final int number;
  private final Server server;
  private final Path file;
  private Near near;

  ReopenedNear(Server server, Path folder, int number, int keys) {
    this.server = server;
    this.number = number;
    this.file = folder.resolve("near" + number);
    this.written = new AtomicLongArray(keys);
    this.near = Near.inFile(server, file);
  }

  /** Returns the client, for a holder of the lock. */
  Near near() {
    return near;
  }

  void reopen() {
    inUse.writeLock().lock();
    try {
      near.close();
      near = Near.inFile(server, file);
    } finally {
      inUse.writeLock().unlock();
    }
  }

  /** Lets the values of the file be verified, while others read and write. */
  void revalidate() {
    inUse.readLock().lock();
    try {
      near.factory.revalidate(near.cache, VERSIONS);
    } finally {
      inUse.readLock().unlock();
    }
  }

  @Override
  public void close() {
    near.close();
  }
}
