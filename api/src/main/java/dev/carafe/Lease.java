package dev.carafe;

import java.lang.foreign.MemorySegment;

/**
 * A value's own bytes, read-only and without a copy, until {@link #close()}. A value that memory
 * can't hold, such as one larger than {@link CarafeBuilder#memory}, is copied for its lease.
 *
 * <p>While a lease is open, its chunk is not reused, even if the value is overwritten, invalidated
 * or evicted: the segment keeps its content. The chunk counts against the memory tier's size until
 * the lease is closed, so keep leases short and use try-with-resources. A lease that becomes
 * unreachable without being closed is closed by the cache and logged.
 *
 * <p>Copies are not part of the memory tier. The copies of all open leases together take at most
 * the memory tier's size, or the length of the file's longest value if that is more. {@link
 * Carafe#memoryUsage()} reports them as {@code leasedCopies}.
 *
 * <p>Not thread-safe: a lease belongs to the thread that took it. Using {@link #segment()}, or a
 * segment taken from it, on another thread throws {@link WrongThreadException}; after {@link
 * #close()} it throws {@link IllegalStateException} and never reads.
 */
public interface Lease extends AutoCloseable {
  /**
   * The value's bytes; the segment's size is the value's length.
   *
   * @return a read-only segment that is valid until this lease is closed
   * @throws IllegalStateException if this lease is closed
   */
  MemorySegment segment();

  /** Unpins the value. Closing twice does nothing. */
  @Override
  void close();
}
