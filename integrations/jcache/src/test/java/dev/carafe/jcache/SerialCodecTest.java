package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Codec;
import dev.carafe.codecs.CodecContract;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Java serialization keeps the contract of codecs; equal keys have equal bytes (R7). */
final class SerialCodecTest {
  private static final Supplier<@Nullable ClassLoader> LOADER =
      SerialCodecTest.class::getClassLoader;
  private static final ObjectInputFilter FILTER =
      ObjectInputFilter.Config.createFilter("dev.carafe.jcache.*;java.base/*;maxdepth=20;!*");

  private record Span(LocalDate from, LocalDate to, @Nullable Object part)
      implements Serializable {}

  /** Elements whose order in a hash set differs from that of a linked one. */
  private static List<String> names() {
    List<String> names = new ArrayList<>();
    for (int i = 9; i >= 0; i--) {
      names.add("e" + i);
    }
    return names;
  }

  private static Object[] keys() {
    LocalDate day = LocalDate.of(2026, 1, 2);
    Set<String> large = new HashSet<>(1000);
    large.addAll(names().reversed());
    return new Object[] {
      "",
      "a",
      "\ud834",
      1,
      1L,
      new UUID(1, 2),
      new BigDecimal("1.0"),
      new BigDecimal("1.00"),
      new Span(day, day, null),
      new Span(day, LocalDate.of(2026, 1, 2), null),
      new Span(day, day, new Span(LocalDate.of(2026, 1, 2), day, "x")),
      new Span(day, day, new Span(day, day, new String("x"))),
      large,
      new LinkedHashSet<>(names()),
      Set.copyOf(names()),
      new Span(day, day, new HashMap<>(Map.of("k", new HashSet<>(List.of(3, 2, 1))))),
      new Span(day, day, Map.of("k", Set.of(1, 2, 3))),
      List.of("a", "a"),
      List.of("a", new String("a")),
    };
  }

  @Test
  void keysKeepTheContract() {
    CodecContract.ofKeys(SerialCodec.ofKeys(LOADER, null)).samples(keys()).verify();
    CodecContract.ofKeys(SerialCodec.ofKeys(LOADER, FILTER))
        .samples(keys())
        .refused(new Object(), new ArrayList<>(List.of(new Object())))
        .verify();
  }

  @Test
  void valuesKeepTheContract() {
    CodecContract.ofValues(SerialCodec.ofValues(LOADER, null)).samples(keys()).verify();
    CodecContract.ofValues(Held.coded(SerialCodec.ofValues(LOADER, FILTER)))
        .comparedBy((one, other) -> one.value().equals(other.value()))
        .samples(new Held<>("a", 5), new Held<>(new Span(LocalDate.EPOCH, LocalDate.EPOCH, 1), 0))
        .verify();
    CodecContract.ofValues(Held.coded(Codec.utf8()))
        .comparedBy((one, other) -> one.value().equals(other.value()))
        .samples(new Held<>("", 5), new Held<>("a", Held.UNCHANGED))
        .verify();
  }

  @Test
  void aKeyWithAClassThatTheFilterRejectsIsRefusedByName() {
    SerialCodec<Object> codec =
        SerialCodec.ofKeys(
            LOADER, ObjectInputFilter.Config.createFilter("java.util.*;java.lang.*;!*"));
    for (Object part :
        List.of(LocalDate.EPOCH, List.of(LocalDate.EPOCH), Set.of(LocalDate.EPOCH))) {
      List<Object> key = new ArrayList<>(List.of(part));
      var refused = assertThrows(CacheException.class, () -> codec.toArray(key));
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("the serialFilter rejects java.time.Ser"), message);
    }
  }

  @Test
  void aCacheFindsAnEqualSetOfAnotherOrder() {
    try (CacheManager manager =
        Caching.getCachingProvider(CarafeCachingProvider.class.getName()).getCacheManager()) {
      Cache<Object, String> cache =
          manager.createCache("sets", new MutableConfiguration<Object, String>());
      Object[] keys = keys();
      for (Object key : keys) {
        cache.put(key, "of " + key.hashCode());
      }
      for (Object key : keys) {
        assertEquals("of " + key.hashCode(), cache.get(key));
      }
      assertEquals(new HashSet<>(List.of(keys)).size(), count(cache));
    }
  }

  private static int count(Cache<Object, String> cache) {
    int entries = 0;
    for (var _ : cache) {
      entries++;
    }
    return entries;
  }
}
