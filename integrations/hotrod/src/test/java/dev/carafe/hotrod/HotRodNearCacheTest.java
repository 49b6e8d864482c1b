package dev.carafe.hotrod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.TreeSet;
import org.infinispan.client.hotrod.MetadataValue;
import org.infinispan.client.hotrod.configuration.NearCacheConfiguration;
import org.infinispan.client.hotrod.configuration.NearCacheMode;
import org.infinispan.client.hotrod.impl.MetadataValueImpl;
import org.infinispan.client.hotrod.near.NearCache;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The calls of the client, in the orders in which events and answers can come. */
class HotRodNearCacheTest {
  private static final byte[] NONE = {};
  private final CarafeNearCacheFactory<String, String> factory =
      CarafeNearCacheFactory.newBuilder(Codec.utf8(), Codec.utf8())
          .near(Carafe.newBuilder().memory(1 << 20))
          .build();
  private final NearCache<String, String> near = create(false);

  private NearCache<String, String> create(boolean bloomFilter) {
    return factory.createNearCache(
        new NearCacheConfiguration(NearCacheMode.INVALIDATED, 10, bloomFilter, factory),
        (key, value) -> {});
  }

  @AfterEach
  void close() {
    factory.close();
  }

  private static MetadataValue<String> placeholder() {
    return new MetadataValueImpl<>(-1, -1, -1, -1, -1, null);
  }

  private static MetadataValue<String> value(String value, long version) {
    return new MetadataValueImpl<>(-1, -1, -1, -1, version, value);
  }

  private static boolean fetch(NearCache<String, String> near, String key, String value) {
    MetadataValue<String> placeholder = placeholder();
    return near.putIfAbsent(key, placeholder) && near.replace(key, placeholder, value(value, 1));
  }

  @Test
  void anEventDuringAReadWins() {
    MetadataValue<String> placeholder = placeholder();
    assertTrue(near.putIfAbsent("a", placeholder));
    assertTrue(near.remove("a"));
    assertFalse(near.replace("a", placeholder, value("old", 1)));
    assertNull(near.get("a"));
  }

  @Test
  void anEventAfterAReadWins() {
    assertTrue(fetch(near, "a", "old"));
    assertNotNull(near.get("a"));
    near.remove("a");
    assertNull(near.get("a"));
  }

  @Test
  void ofTwoReadsTheFirstIsKept() {
    MetadataValue<String> first = placeholder();
    MetadataValue<String> second = placeholder();
    assertTrue(near.putIfAbsent("a", first));
    assertFalse(near.putIfAbsent("a", second));
    assertFalse(near.remove("a", second));
    assertFalse(near.replace("a", second, value("2", 2)));
    assertNull(near.get("a"), "a placeholder is no value");
    assertTrue(near.replace("a", first, value("1", 1)));
    assertEquals("1", near.get("a").getValue());
    assertEquals(1, near.get("a").getVersion());
  }

  @Test
  void aReadWithoutAValueEnds() {
    MetadataValue<String> placeholder = placeholder();
    assertTrue(near.putIfAbsent("a", placeholder));
    assertTrue(near.remove("a", placeholder));
    assertTrue(fetch(near, "a", "1"));
  }

  @Test
  void aReadThatBeganBeforeALossIsNotKept() {
    MetadataValue<String> placeholder = placeholder();
    assertTrue(near.putIfAbsent("a", placeholder));
    near.clear();
    assertFalse(near.replace("a", placeholder, value("old", 1)));
    assertNull(near.get("a"));
    assertNull(near.get("a"));
  }

  /** The client clears, reads, and only then registers its listener again. */
  @Test
  void aReadBetweenALossAndTheRegistrationIsNotKept() {
    assertTrue(fetch(near, "a", "1"));
    near.clear();
    assertFalse(fetch(near, "a", "2"), "the client did not look: it is not connected");
    assertNull(near.get("a")); // its check may have been before the loss
    assertFalse(fetch(near, "a", "2"));
    assertNull(near.get("a")); // its check was after the last look, so it is connected
    assertTrue(fetch(near, "a", "3"));
    assertEquals("3", near.get("a").getValue());
  }

  @Test
  void nearCachesOfOneFactoryDoNotBelieveEachOther() {
    NearCache<String, String> other = create(false);
    assertTrue(fetch(near, "a", "1"));
    assertNull(other.get("a"));
    assertTrue(fetch(other, "a", "2"));
    assertNull(near.get("a"));
  }

  @Test
  void anEventThatCanNotBeAppliedEndsTheEpoch() {
    assertTrue(fetch(near, "a", "1"));
    assertThrows(IllegalArgumentException.class, () -> near.remove("\ud800"));
    assertNull(near.get("a"));
  }

  @Test
  void aBloomFilterIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> create(true));
  }

  @Test
  void theIteratorHasValuesAndReads() {
    MetadataValue<String> running = placeholder();
    assertTrue(fetch(near, "a", "1"));
    assertTrue(fetch(near, "b", "1"));
    assertTrue(near.putIfAbsent("c", running));
    Set<String> keys = new TreeSet<>();
    near.forEach(entry -> keys.add(entry.getKey()));
    assertEquals(Set.of("a", "b", "c"), keys);
    assertEquals(2, near.size());
  }

  @Test
  void timesToLiveAreTakenOver() {
    long second = 1_000_000_000;
    assertTrue(entry(-1, -1, -1).timeToLive(5_000) > 1_000_000 * second);
    assertEquals(8 * second, entry(4_000, 10, -1).timeToLive(6_000));
    assertEquals(10 * second, entry(9_000, 10, -1).timeToLive(6_000), "clocks differ");
    assertTrue(entry(4_000, 10, -1).timeToLive(14_000) <= 0);
    assertEquals(3 * second, entry(4_000, 10, 6).timeToLive(6_000), "half of the idle time");
    assertEquals(3 * second, entry(4_000, -1, 6).timeToLive(6_000));
  }

  private static NearEntry entry(long created, int lifespan, int maxIdle) {
    return new NearEntry(1, 2, created, created, lifespan, maxIdle, NONE);
  }

  @Test
  void theFieldsOfAnEntryAreKept() {
    NearEntry entry = new NearEntry(1, 2, 3, 4, 5, 6, new byte[] {7, 8});
    Codec<NearEntry> codec = new NearEntry.EntryCodec("");
    MemorySegment bytes = MemorySegment.ofArray(new byte[codec.encodedBytes(entry)]);
    codec.encode(entry, bytes);
    NearEntry decoded = codec.decode(bytes);
    assertEquals(withoutBytes(entry), withoutBytes(decoded));
    MetadataValue<byte[]> value =
        NearEntry.valueOf(bytes, new Translation.OfCodec<>(Codec.bytes()));
    assertEquals(2, value.getVersion());
    assertEquals(3, value.getCreated());
    assertEquals(4, value.getLastUsed());
    assertEquals(5, value.getLifespan());
    assertEquals(6, value.getMaxIdle());
    assertEquals(8, value.getValue()[1]);
  }

  private static NearEntry withoutBytes(NearEntry of) {
    return new NearEntry(
        of.epoch(), of.version(), of.created(), of.lastUsed(), of.lifespan(), of.maxIdle(), NONE);
  }

  @Test
  void aClosedFactoryLeavesTheClientWithoutANearCache() {
    MetadataValue<String> placeholder = placeholder();
    assertTrue(fetch(near, "a", "1"));
    assertTrue(near.putIfAbsent("b", placeholder));
    factory.close();
    assertNull(near.get("a"));
    assertFalse(near.replace("b", placeholder, value("1", 1)));
    near.remove("a");
    near.clear();
    assertFalse(fetch(near, "a", "1"));
    assertEquals(0, near.size());
    assertThrows(IllegalStateException.class, () -> create(false));
  }

  @Test
  void aCacheOfAStoreHoldsTheValues() {
    try (CarafeStore store = CarafeStore.newBuilder().memory(1 << 20).build()) {
      var builder =
          CarafeNearCacheFactory.newBuilder(Codec.utf8(), Codec.utf8()).near(store, "pages");
      assertThrows(IllegalStateException.class, () -> builder.near(store, "pages"));
      try (var ofStore = builder.build()) {
        NearCache<String, String> pages =
            ofStore.createNearCache(
                new NearCacheConfiguration(NearCacheMode.INVALIDATED, -1, false, ofStore),
                (key, value) -> {});
        assertTrue(fetch(pages, "a", "1"));
        assertEquals("1", pages.get("a").getValue());
      }
      assertEquals(Set.of("pages"), store.cacheNames());
    }
  }
}
