package dev.carafe;

import java.lang.foreign.MemorySegment;

/**
 * A value's own bytes, read-only and without a copy, until {@link #close()}. Only a value that
 * memory can't keep, such as one larger than {@link CarafeBuilder#memory}, is copied for its lease.
 *
 * <p>While a lease is open its chunk is not reused, even when the value is overwritten, invalidated
 * or evicted meanwhile; the lease goes on showing the bytes it was taken on. Its memory counts
 * against the cache's budget for as long, so keep leases short and use try-with-resources. A lease
 * that is never closed is found by the garbage collector, logged and returned. Copies are beside
 * that budget: those of all open leases together take at most as many bytes as it, or as one value
 * of the file if that is more, and stand as {@code leasedCopies} in {@link Carafe#memoryUsage()}.
 *
 * <p>Not thread-safe: a lease belongs to the thread that took it. Using {@link #segment()}, or a
 * segment taken from it, on another thread throws {@link WrongThreadException}; after {@link
 * #close()} it throws {@link IllegalStateException} and never reads.
 */
public interface Lease extends AutoCloseable {
  /**
   * The value's bytes, as long as the value is.
   *
   * @return a read-only view that dies with this lease
   * @throws IllegalStateException if this lease is closed
   */
  MemorySegment segment();

  /** Gives the chunk back. Closing twice does nothing. */
  @Override
  void close();
}
