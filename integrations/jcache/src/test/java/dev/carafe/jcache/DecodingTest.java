package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Codec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.Cache;
import javax.cache.Caching;
import javax.cache.configuration.MutableCacheEntryListenerConfiguration;
import javax.cache.event.CacheEntryUpdatedListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A read decodes its value once, and a change decodes the previous value only if it is needed. */
final class DecodingTest {
  private final AtomicInteger decoded = new AtomicInteger();
  private final Codec<String> counting =
      Codec.of(
          text -> text.getBytes(StandardCharsets.UTF_8),
          bytes -> {
            decoded.incrementAndGet();
            return new String(bytes, StandardCharsets.UTF_8);
          });
  private Cache<Long, String> cache;

  @BeforeEach
  void open() {
    CarafeConfiguration<Long, String> configuration =
        new CarafeConfiguration<Long, String>().setValueCodec(counting);
    configuration.setTypes(Long.class, String.class);
    cache =
        Caching.getCachingProvider(CarafeCachingProvider.class.getName())
            .getCacheManager()
            .createCache("decoding", configuration);
    cache.put(1L, "one");
    decoded.set(0);
  }

  @AfterEach
  void close() {
    cache.getCacheManager().destroyCache("decoding");
  }

  @Test
  void aHitDecodesOnce() {
    for (int read = 1; read <= 100; read++) {
      assertEquals("one", cache.get(1L));
      assertEquals(read, decoded.get());
    }
  }

  @Test
  void changesDoNotDecodeWhatTheyDoNotReturn() {
    cache.put(1L, "uno");
    assertTrue(cache.remove(1L));
    assertFalse(cache.remove(1L));
    cache.put(1L, "eins");
    assertEquals(0, decoded.get());
    assertEquals("eins", cache.getAndReplace(1L, "ein"));
    assertEquals(1, decoded.get());
    assertTrue(cache.replace(1L, "ein", "un"));
    assertEquals(2, decoded.get());
    assertEquals("un", cache.getAndPut(1L, "en"));
    assertEquals("en", cache.getAndRemove(1L));
    assertEquals(4, decoded.get());
    assertNull(cache.get(1L));
  }

  @Test
  void listenersGetThePreviousValue() {
    List<String> seen = new ArrayList<>();
    CacheEntryUpdatedListener<Long, String> listener =
        events -> events.forEach(event -> seen.add(event.getOldValue() + ">" + event.getValue()));
    cache.registerCacheEntryListener(
        new MutableCacheEntryListenerConfiguration<>(() -> listener, null, true, true));
    cache.put(1L, "uno");
    assertEquals(List.of("one>uno"), seen);
  }
}
