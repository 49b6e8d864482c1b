package dev.carafe.redis;

import dev.carafe.spi.KeyBytes;
import io.lettuce.core.RedisException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Reads values from the near tier, or from the server. */
final class NearReads {
  private final NearTier tier;
  private final Links links;
  private final Limits limits;
  private final Counters counters;

  NearReads(NearTier tier, Links links, Limits limits, Counters counters) {
    this.tier = tier;
    this.links = links;
    this.limits = limits;
    this.counters = counters;
  }

  /** Returns the bytes of a value; null if the server has none. */
  byte @Nullable [] get(KeyBytes key) {
    Found near = find(key);
    byte[] bytes = near.believedBytes();
    if (bytes != null) {
      return bytes;
    }
    Map<KeyBytes, byte[]> found = new HashMap<>(2);
    fetch(List.of(pending(key, near.value)), found, counters);
    return found.get(key);
  }

  /** Returns the bytes of a value that can be served without the server; else null. */
  byte @Nullable [] near(KeyBytes key) {
    return find(key).believedBytes();
  }

  /** Returns the values that exist. All commands are sent before the first answer is awaited. */
  Map<KeyBytes, byte[]> getAll(Collection<KeyBytes> keys) {
    Map<KeyBytes, byte[]> found = new HashMap<>();
    List<PendingRead> pending = new ArrayList<>();
    for (KeyBytes key : keys) {
      Found near = find(key);
      byte[] bytes = near.believedBytes();
      if (bytes != null) {
        found.put(key, bytes);
      } else {
        pending.add(pending(key, near.value));
      }
    }
    fetch(pending, found, counters);
    return found;
  }

  /** Compares unverified values with the server, all in one batch. */
  void compare(Link link, Collection<KeyBytes> keys) {
    List<PendingRead> pending = new ArrayList<>();
    for (KeyBytes key : keys) {
      NearValue near = tier.find(key);
      if (near != null && !link.epoch().believes(near)) {
        pending.add(pending(key, near));
      }
    }
    fetch(pending, new HashMap<>(), counters.background());
  }

  private PendingRead pending(KeyBytes key, @Nullable NearValue near) {
    return new PendingRead(key, limits.keepsUnverified() ? near : null);
  }

  /** Reads from the server, and again on the next link what a lost one did not answer. */
  private void fetch(List<PendingRead> reads, Map<KeyBytes, byte[]> found, Counters counted) {
    long deadline = System.nanoTime() + limits.timeout();
    List<PendingRead> pending = reads;
    while (!pending.isEmpty()) {
      Link link = links.await(deadline);
      ReadBatch batch = link.batch();
      try {
        pending.forEach(read -> read.begin(tier, batch));
      } finally {
        batch.send();
        // Own reads first: the thread that reads the others may wait for one of these.
        pending.forEach(read -> read.finish(tier, deadline, counted));
      }
      List<PendingRead> again = new ArrayList<>();
      for (PendingRead read : pending) {
        if (read.mustRepeat(link)) {
          again.add(read);
        } else {
          byte[] bytes = read.await(deadline);
          if (bytes != null) {
            found.put(read.key(), bytes);
          }
        }
      }
      pending = again;
    }
  }

  /**
   * Looks into the near tier. The proof comes before the look: what the link has applied by then,
   * the value can't be older than. So a value is at most {@code maxLag} behind the server at the
   * time of this call, or {@code maxStale} without a connection.
   */
  private Found find(KeyBytes key) {
    Link link = links.current();
    long silence = link == null ? Long.MAX_VALUE : link.silence();
    boolean open = link != null && link.isOpen();
    if (link != null && open && silence > limits.maxLag() / 2) {
      var _ = link.prove(limits.timeout());
    }
    NearValue near = tier.find(key);
    if (near == null || link == null || !link.epoch().believes(near)) {
      return new Found(near, null);
    }
    if (open && silence <= limits.maxLag()) {
      return new Found(near, counters.nearHits);
    }
    if (open && awaitProof(link)) {
      near = tier.find(key);
      boolean believed = near != null && link.epoch().believes(near);
      return new Found(near, believed ? counters.nearHits : null);
    }
    return new Found(near, silence <= limits.maxStale() ? counters.staleHits : null);
  }

  /** Waits until the link has applied all invalidations up to {@code maxLag} ago. */
  private boolean awaitProof(Link link) {
    // Where stale values are allowed, a server that hangs does not hold up readers.
    long wait = limits.maxStale() == 0 ? limits.timeout() : limits.maxLag();
    long deadline = System.nanoTime() + Math.min(wait, limits.timeout());
    try {
      while (link.silence() > limits.maxLag()) {
        Waiting.until(link.prove(limits.timeout()), deadline);
      }
      return true;
    } catch (RedisException e) {
      return false;
    }
  }

  /** What the near tier has for a key. */
  private static final class Found {
    final @Nullable NearValue value;
    private final boolean isBelieved;

    /**
     * Creates it, and counts it.
     *
     * @param counter of such hits; null if the value is not to be served
     */
    Found(@Nullable NearValue near, @Nullable LongAdder counter) {
      this.value = near;
      this.isBelieved = counter != null;
      if (counter != null) {
        counter.increment();
      }
    }

    /** Returns the bytes of a value that can be served without the server; else null. */
    byte @Nullable [] believedBytes() {
      return value == null || !isBelieved ? null : value.bytes();
    }
  }
}
