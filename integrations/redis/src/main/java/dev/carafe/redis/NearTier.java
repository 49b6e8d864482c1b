package dev.carafe.redis;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.Carafe;
import dev.carafe.spi.KeyBytes;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The values near the reader, and the reads of the server that are under way.
 *
 * <p>The map of reads orders fetched values and invalidations: a value is stored inside a
 * computation of its key, and only if its read is still in the map; an invalidation removes the
 * read and the value inside a computation of the same key. So an invalidation that arrives after
 * its read was registered, and before or after the value is stored, always wins.
 */
final class NearTier implements AutoCloseable {
  private static final long MOST_EARLIER = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int EARLIER_PART = 64;

  private final Carafe<byte[], NearValue> carafe;
  private final long maxLag;
  private final ConcurrentHashMap<KeyBytes, Fetch> fetches = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<KeyBytes, Load> loads = new ConcurrentHashMap<>();

  /**
   * Creates it.
   *
   * @param carafe holds the values
   * @param maxLag how old a read may be that another caller joins, in nanoseconds
   */
  NearTier(Carafe<byte[], NearValue> carafe, long maxLag) {
    this.carafe = carafe;
    this.maxLag = maxLag;
  }

  /** Returns what the near tier has, of any epoch. */
  @Nullable NearValue find(KeyBytes key) {
    return carafe.getIfPresent(key.bytes());
  }

  /**
   * Registers a read before its command is sent, unless one is under way whose value is new enough:
   * one of the same epoch that is not older than {@code maxLag}. The value of an older one is not
   * kept.
   *
   * @return the argument, or the one that is under way
   */
  Fetch begin(Fetch mine) {
    return Objects.requireNonNull(
        fetches.compute(
            mine.key(),
            (key, running) -> {
              boolean joins =
                  running != null
                      && running.epoch() == mine.epoch()
                      && mine.since() - running.since() <= maxLag;
              return joins ? running : mine;
            }));
  }

  /** Stores a value, or removes the old one, unless an invalidation came since {@link #begin}. */
  void finish(Fetch mine, Reply answer) {
    end(mine, () -> store(mine, answer));
  }

  /**
   * Believes a value that the server has as well, unless an invalidation came since {@link #begin}.
   * The value is not written again, unless it would live longer than the server's.
   *
   * @param known what {@link #find} returned before {@link #begin}; if it was replaced meanwhile,
   *     it is never found again
   */
  void confirm(Fetch mine, NearValue known, Reply answer) {
    end(
        mine,
        () -> {
          if (answer.deadline() == NearValue.NEVER || expiresBefore(mine.key(), answer)) {
            mine.epoch().confirm(known);
          } else {
            store(mine, answer);
          }
        });
  }

  private void end(Fetch mine, Runnable action) {
    fetches.computeIfPresent(
        mine.key(),
        (key, running) -> {
          if (running != mine) {
            return running;
          }
          action.run();
          return null;
        });
  }

  private void store(Fetch mine, Reply answer) {
    byte[] bytes = answer.bytes();
    NearValue value = bytes == null ? null : mine.epoch().value(bytes, earlier(answer.deadline()));
    if (value != null && value.timeToLive() > 0) {
      carafe.put(mine.key().bytes(), value);
    } else {
      carafe.invalidate(mine.key().bytes());
    }
  }

  /**
   * Returns a deadline that is earlier by more than what round trips differ. So the deadline that a
   * later comparison computes for the same time of expiry is not before this one.
   */
  private static long earlier(long deadline) {
    if (deadline == NearValue.NEVER) {
      return deadline;
    }
    long left = Math.max(0, deadline - System.nanoTime());
    return deadline - Math.min(MOST_EARLIER, left / EARLIER_PART);
  }

  /** Returns whether the near tier has a value that expires no later than the server's. */
  private boolean expiresBefore(KeyBytes key, Reply answer) {
    OptionalLong left =
        carafe
            .policy()
            .expireVariably()
            .map(policy -> policy.getExpiresAfter(key.bytes(), TimeUnit.NANOSECONDS))
            .orElse(OptionalLong.empty());
    return left.isPresent() && left.getAsLong() <= answer.deadline() - System.nanoTime();
  }

  /** Ends a read without a value. */
  void abandon(Fetch mine) {
    fetches.remove(mine.key(), mine);
  }

  /**
   * Registers a load by the application, unless one is under way.
   *
   * @return the argument, or the one that is under way
   */
  Load beginLoad(KeyBytes key, Load mine) {
    Load running = loads.putIfAbsent(key, mine);
    return running == null ? mine : running;
  }

  /**
   * Sends the command that writes a loaded value, unless an invalidation came since {@link
   * #beginLoad}. An invalidation that comes later waits until the command is sent, and its own
   * command follows on the connection.
   *
   * @return whether the command was sent
   */
  boolean sendLoaded(KeyBytes key, Load mine, Runnable command) {
    AtomicBoolean sent = new AtomicBoolean();
    loads.computeIfPresent(
        key,
        (same, running) -> {
          if (running == mine) {
            command.run();
            sent.set(true);
          }
          return running;
        });
    return sent.get();
  }

  /** Ends a load. */
  void endLoad(KeyBytes key, Load mine) {
    loads.remove(key, mine);
  }

  /**
   * Removes the value, and makes sure that no read that began before this call stores one, and that
   * later readers don't wait for such a read or load.
   */
  void invalidate(KeyBytes key) {
    forgetLoad(key);
    fetches.remove(key); // takes effect even if the next line throws
    fetches.compute(
        key,
        (same, running) -> {
          carafe.invalidate(key.bytes());
          return null;
        });
  }

  /** Has a load under way write no value, and later readers begin one of their own. */
  void forgetLoad(KeyBytes key) {
    loads.remove(key);
  }

  /** As {@link #forgetLoad}, for all keys. */
  void forgetLoads() {
    loads.clear();
  }

  /** Stores a value that no reader of the server has fetched. */
  void keep(KeyBytes key, NearValue value) {
    carafe.put(key.bytes(), value);
  }

  /** Passes on the keys of the values in memory, the ones that are used most first. */
  void hottest(int most, Consumer<byte[]> action) {
    carafe
        .policy()
        .eviction()
        .ifPresent(policy ->
            policy.<@Nullable Void>hottest(entries -> {
              entries.limit(most).forEach(entry -> action.accept(entry.getKey()));
              return null;
            }));
  }

  /** Removes all values. Reads that are under way may store theirs. */
  void clear() {
    carafe.invalidateAll();
  }

  Carafe<byte[], NearValue> carafe() {
    return carafe;
  }

  @Override
  public void close() {
    carafe.close();
  }

  /** The time to live that the server had for each value. */
  static Expiry<byte[], NearValue> expiry() {
    return Expiry.writing((key, value) -> Duration.ofNanos(Math.max(0, value.timeToLive())));
  }
}
