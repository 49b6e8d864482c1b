package dev.carafe.hotrod;

import dev.carafe.Carafe;
import dev.carafe.spi.KeyBytes;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.infinispan.client.hotrod.MetadataValue;
import org.jspecify.annotations.Nullable;

/**
 * The values near the reader, and the reads of the server that are under way.
 *
 * <p>The map of reads orders fetched values and invalidations: a value is stored inside a
 * computation of its key, and only if its read is still in the map; an invalidation removes the
 * read and the value inside a computation of the same key. So an invalidation that arrives after
 * its read was registered, and before or after the value is stored, always wins. A stored value has
 * the epoch in which its read began, and is believed in that epoch only.
 */
final class NearTier {
  private final Carafe<byte[], NearEntry> carafe;
  private final Counters counters;
  private final Reads reads = new Reads(System::nanoTime);
  private volatile Epoch epoch;
  private volatile @Nullable Revalidation revalidation;
  private volatile boolean isClosed;

  /**
   * Creates it for one listener of the client.
   *
   * @param carafe holds the values, perhaps those of earlier listeners, too
   */
  NearTier(Carafe<byte[], NearEntry> carafe, Counters counters) {
    this.carafe = carafe;
    this.counters = counters;
    this.epoch = Epoch.first();
  }

  /**
   * Returns a value of this epoch; null if there is none.
   *
   * @param decoder of the bytes of the entry
   */
  <R> @Nullable R find(KeyBytes key, Function<? super MemorySegment, ? extends R> decoder) {
    Epoch now = epoch;
    Revalidation asked = revalidation;
    if (now.observe() && asked != null) {
      asked.start(now);
    }
    R found = believed(now, key, decoder);
    (found == null ? counters.misses : counters.hits).increment();
    return found;
  }

  private <R> @Nullable R believed(
      Epoch now, KeyBytes key, Function<? super MemorySegment, ? extends R> decoder) {
    Function<MemorySegment, @Nullable R> reader = source -> decoded(now, source, decoder);
    try {
      return isClosed ? null : carafe.<R>read(key.bytes(), reader);
    } catch (IllegalStateException e) {
      if (isClosed) {
        return null;
      }
      throw e;
    }
  }

  private <R> @Nullable R decoded(
      Epoch now, MemorySegment source, Function<? super MemorySegment, ? extends R> decoder) {
    if (NearEntry.epochOf(source) == now.number()) {
      return decoder.apply(source);
    }
    if (now.isVerified(NearEntry.versionOf(source))) {
      counters.verified.increment();
      return decoder.apply(source);
    }
    counters.unverified.increment();
    return null;
  }

  /** Registers a read before its command is sent. Returns whether its value may be kept. */
  boolean begin(KeyBytes key, Object placeholder) {
    Epoch now = epoch;
    return now.isConfirmed() && reads.begin(key, placeholder, now);
  }

  /**
   * Ends a read with its value, unless an invalidation came since {@link #begin}.
   *
   * @return whether it did
   */
  boolean finish(KeyBytes key, Object placeholder, MetadataValue<?> value, byte[] bytes) {
    return unlessClosed(() -> reads.end(key, placeholder, read -> store(key, read, value, bytes)));
  }

  private void store(KeyBytes key, Reads.Read read, MetadataValue<?> value, byte[] bytes) {
    NearEntry entry = NearEntry.of(read.epoch(), value, bytes);
    if (entry.timeToLive(System.currentTimeMillis()) > 0) {
      carafe.put(key.bytes(), entry);
      counters.kept.increment();
    } else {
      carafe.invalidate(key.bytes());
    }
  }

  /** Ends a read without a value. What the near tier has, of whatever epoch, is dropped. */
  boolean abandon(KeyBytes key, Object placeholder) {
    return unlessClosed(() -> reads.end(key, placeholder, read -> carafe.invalidate(key.bytes())));
  }

  /** Removes the value, and makes sure that no read that began before this call stores one. */
  void invalidate(KeyBytes key) {
    counters.invalidations.increment();
    unlessClosed(() -> {
      reads.cancel(key, () -> carafe.invalidate(key.bytes()));
      return true;
    });
  }

  /** Makes all values unverified, and makes sure that no read that has begun stores one. */
  void endEpoch() {
    epoch = Epoch.next();
    reads.clear();
    counters.epochs.increment();
  }

  /**
   * Verifies the values of earlier epochs, now if this epoch is confirmed, and whenever a later one
   * is.
   *
   * @return the number of versions that the server has sent
   */
  int revalidate(Revalidation asked) {
    revalidation = asked;
    Epoch now = epoch;
    return now.isConfirmed() ? asked.run(now) : 0;
  }

  /** The keys of reads, and of values, whether they are believed or not. */
  Iterator<byte[]> keys() {
    Stream<byte[]> read = reads.keys().stream().map(KeyBytes::bytes);
    return Stream.concat(read, carafe.asMap().keySet().stream()).iterator();
  }

  /** The number of values, whether they are believed or not. */
  long size() {
    return isClosed ? 0 : carafe.estimatedSize();
  }

  /** From now on the near tier has no values. The Carafe is to be closed after that. */
  void close() {
    isClosed = true;
    endEpoch();
  }

  /** Returns what an action returns; false if the near tier is closed. */
  private boolean unlessClosed(BooleanSupplier action) {
    try {
      return !isClosed && action.getAsBoolean();
    } catch (IllegalStateException e) {
      if (isClosed) {
        return false;
      }
      throw e;
    }
  }
}
