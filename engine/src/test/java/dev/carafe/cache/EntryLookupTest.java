package dev.carafe.cache;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.cache.EntryLookup.Probe;
import dev.carafe.tier.Entry;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Lookups of an entry whose mapping changes after the map has compared it (contract R4). */
final class EntryLookupTest {
  private static final int SMALL_BYTES = 10;
  private static final int LARGE_BYTES = 3000; // another chunk size: the key gets a new entry

  private static Carafe<Long, byte[]> open() {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(Codec.bytes())
        .memory(Caches.MIB)
        .build();
  }

  /** Looks key 1 up in a map that loses the mapping after the first comparison. */
  private static @Nullable Entry findDuring(Carafe<Long, byte[]> cache, Runnable change) {
    Tiers<Long> tiers = ((CarafeCache<Long, byte[]>) cache).context.tiers();
    Probe<Long> probe = tiers.cache.lookup().probe(1L);
    Entry before = tiers.entries.findQuietly(1L);
    AtomicInteger lookups = new AtomicInteger();
    Entry found =
        tiers
            .cache
            .lookup()
            .find(
                key -> {
                  if (lookups.getAndIncrement() > 0) {
                    return tiers.index.getQuietly(tiers.cache.lookup().probe(1L));
                  }
                  assertEquals(probe, before);
                  change.run();
                  return null;
                },
                probe);
    assertNotSame(before, found);
    assertEquals(2, lookups.get());
    return found;
  }

  @Test
  void entryReplacedAfterTheComparisonIsNoMiss() {
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, new byte[SMALL_BYTES]);
      Entry found = findDuring(cache, () -> cache.put(1L, new byte[LARGE_BYTES]));
      assertSame(
          ((CarafeCache<Long, byte[]>) cache).context.tiers().entries.findQuietly(1L), found);
      assertEquals(LARGE_BYTES, requireNonNull(cache.getIfPresent(1L)).length);
    }
  }

  @Test
  void entryRemovedAfterTheComparisonIsAMiss() {
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, new byte[SMALL_BYTES]);
      assertNull(findDuring(cache, () -> cache.invalidate(1L)));
    }
  }
}
