package dev.carafe.springboot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.UnreadableValueException;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.cache.interceptor.SimpleKey;

/** Keys of Spring's caches: equal ones have equal bytes, and others have others (contract R7). */
final class AnyKeyCodecTest {
  private final AnyKeyCodec codec =
      new AnyKeyCodec(
          SerialFilters.of("", List.of("dev.carafe.springboot")), getClass().getClassLoader());

  private record Span(LocalDate from, LocalDate to, @Nullable Serializable inner)
      implements Serializable {}

  /** A key that refers to itself. */
  private static final class Loop implements Serializable {
    private static final long serialVersionUID = 1;
    final Loop self = this;
  }

  @Test
  void eachKeyComesBackAndNoTwoHaveTheSameBytes() {
    List<Object> keys =
        List.of(
            "",
            "a",
            "é𝄞",
            "\ud834",
            "\udd1e\ud834",
            1,
            1L,
            (short) 1,
            1.0,
            true,
            new UUID(1, 2),
            DayOfWeek.MONDAY,
            LocalDate.EPOCH,
            new BigDecimal("1.0"),
            new BigDecimal("1.00"),
            SimpleKey.EMPTY,
            new SimpleKey("a"),
            new SimpleKey("a", "b"),
            new SimpleKey("a", 1),
            new SimpleKey("a", 1L),
            new SimpleKey("a", null),
            new SimpleKey((Object) new String[] {"a", "b"}),
            List.of("a", "b"),
            Map.of("a", 1),
            new Span(LocalDate.EPOCH, LocalDate.EPOCH, null));
    Map<String, Object> seen = new HashMap<>();
    for (Object key : keys) {
      byte[] bytes = codec.toArray(key);
      assertEquals(key, codec.decode(MemorySegment.ofArray(bytes)));
      Object same = seen.put(Arrays.toString(bytes), key);
      assertEquals(null, same, () -> "as " + key);
    }
  }

  @Test
  void equalKeysHaveEqualBytesWhicheverOfTheirPartsAreTheSameObject() {
    LocalDate day = LocalDate.of(2026, 1, 2);
    assertSame(new Span(day, day, null), new Span(day, LocalDate.of(2026, 1, 2), null));
    Span part = new Span(day, day, "x");
    assertSame(
        new SimpleKey(part, part, "x", "x"),
        new SimpleKey(
            new Span(LocalDate.of(2026, 1, 2), day, new String("x")), part, new String("x"), "x"));
    List<String> names = List.of("a", "a");
    assertSame(new SimpleKey(names, names), new SimpleKey(names, List.of(new String("a"), "a")));
    String[] array = {"a"};
    assertSame(new SimpleKey(array, array), new SimpleKey(array, new String[] {"a"}));
    BigDecimal price = new BigDecimal("9.90");
    assertSame(new SimpleKey(price, price), new SimpleKey(price, new BigDecimal("9.90")));
    assertFalse(
        Arrays.equals(
            codec.toArray(new SimpleKey(names, names)),
            codec.toArray(new SimpleKey(names, List.of("a", "b")))));
  }

  /** The order of {@code Set.of} differs from JVM to JVM, that of a hash set with its history. */
  @Test
  void equalSetsAndMapsHaveEqualBytesInWhateverOrderTheyIterate() {
    Set<Object> backwards = new LinkedHashSet<>();
    Set<Object> large = new HashSet<>(1000);
    Map<Object, Object> linked = new LinkedHashMap<>();
    for (int i = 9; i >= 0; i--) {
      backwards.add("e" + i);
      large.add("e" + i);
      linked.put("e" + i, Set.of(i, i + 1, i + 2));
    }
    assertSame(Set.copyOf(backwards), backwards);
    assertSame(large, new LinkedHashSet<>(new ArrayList<>(backwards).reversed()));
    assertSame(Map.copyOf(linked), linked);
    assertSame(
        new SimpleKey("a", Map.of("k", Set.of(1, 2, 3))),
        new SimpleKey("a", new HashMap<>(Map.of("k", new HashSet<>(List.of(3, 2, 1))))));
    assertSame(new SimpleKey(backwards, backwards), new SimpleKey(backwards, large));
    Set<Object> withNull = new HashSet<>(Arrays.asList(null, "x"));
    assertSame(withNull, new LinkedHashSet<>(Arrays.asList("x", null)));
  }

  private void assertSame(Object one, Object other) {
    assertEquals(one, other);
    assertArrayEquals(codec.toArray(one), codec.toArray(other));
    assertEquals(one, codec.decode(MemorySegment.ofArray(codec.toArray(other))));
  }

  @Test
  void cyclesAndDeepKeysEnd() {
    Loop loop = (Loop) codec.decode(MemorySegment.ofArray(codec.toArray(new Loop())));
    assertEquals(loop, loop.self);
    assertArrayEquals(codec.toArray(new Loop()), codec.toArray(new Loop()));
    List<Object> deep = List.of("end");
    List<Object> other = List.of("end");
    for (int i = 0; i < 100; i++) {
      deep = List.of(deep);
      other = List.of(other);
    }
    assertArrayEquals(codec.toArray(deep), codec.toArray(other));
  }

  @Test
  void aKeyThatCannotBeKeptIsRefusedByName() {
    var none = assertThrows(IllegalArgumentException.class, () -> codec.toArray(new Object()));
    assertTrue(String.valueOf(none.getMessage()).startsWith("a key of java.lang.Object"));
    var inside =
        assertThrows(
            IllegalArgumentException.class,
            () -> codec.toArray(new ArrayList<>(List.of(new Object()))));
    assertTrue(String.valueOf(inside.getMessage()).contains("java.lang.Object"));
    var foreign =
        assertThrows(
            IllegalArgumentException.class,
            () -> codec.toArray(new SimpleKey(1, new java.io.File("a"))));
    assertTrue(String.valueOf(foreign.getMessage()).contains("carafe.serial-filter"));
    assertEquals(Locale.ROOT, codec.decode(MemorySegment.ofArray(codec.toArray(Locale.ROOT))));
  }

  @Test
  void otherBytesAreUnreadable() {
    for (byte[] bytes : List.of(new byte[0], new byte[] {9}, new byte[] {1, 2}, new byte[] {0})) {
      assertThrows(
          UnreadableValueException.class, () -> codec.decode(MemorySegment.ofArray(bytes)));
    }
  }
}
