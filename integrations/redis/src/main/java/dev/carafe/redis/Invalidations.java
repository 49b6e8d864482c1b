package dev.carafe.redis;

import dev.carafe.spi.KeyBytes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Applies the server's invalidations to the near tier, on the thread of the connection, before the
 * answers that the server sent after them are delivered.
 */
final class Invalidations {
  private final NearTier tier;
  private final @Nullable Executor emptying;
  private final LongAdder keys = new LongAdder();
  private final LongAdder flushes = new LongAdder();

  /**
   * Creates it.
   *
   * @param tier holds the values
   * @param emptying empties the tier when its values became unverified; null to keep them
   */
  Invalidations(NearTier tier, @Nullable Executor emptying) {
    this.tier = tier;
    this.emptying = emptying;
  }

  /** Notes that the values of earlier epochs are unverified, after a flush or on a new link. */
  void epochChanged() {
    if (emptying != null) {
      emptying.execute(tier::clear);
    }
  }

  /**
   * Applies a message.
   *
   * @param link that received it
   * @param content the type, and a list of keys, or null after {@code FLUSHALL} and {@code FLUSHDB}
   */
  void apply(Link link, List<Object> content) {
    if (content.size() > 1 && content.get(1) instanceof List<?> changed) {
      for (Object key : changed) {
        tier.invalidate(new KeyBytes(bytes((ByteBuffer) key)));
        keys.increment();
      }
    } else {
      link.renewEpoch();
      tier.forgetLoads();
      epochChanged();
      flushes.increment();
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** Returns the number of invalidated keys. */
  long keys() {
    return keys.sum();
  }

  /** Returns the number of flushes of the server. */
  long flushes() {
    return flushes.sum();
  }
}
