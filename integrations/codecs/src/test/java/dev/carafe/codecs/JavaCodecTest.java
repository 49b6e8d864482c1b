package dev.carafe.codecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** {@code put} rejects what the codec could not read, by name (contract R7). */
final class JavaCodecTest {
  private record Order(Serializable item) implements Serializable {}

  private static final class Parsed implements Serializable {
    private static final long serialVersionUID = 1;

    Object writeReplace() {
      return "text";
    }
  }

  /** The serialized form has no way to make its superclass. */
  private static class Made {
    Made(int number) {
      assertTrue(number > 0);
    }
  }

  @SuppressWarnings("serial")
  private static final class Part extends Made implements Serializable {
    private static final long serialVersionUID = 1;

    Part() {
      super(1);
    }
  }

  private static Codec<Serializable> codec(String pattern) {
    return new JavaCodec<>(
        Serializable.class, ObjectInputFilter.Config.createFilter(pattern + ";!*"));
  }

  private static String refused(Codec<Serializable> codec, Serializable value) {
    try (Carafe<Long, Serializable> cache =
        Carafe.newBuilder().keyCodec(Codec.int64()).valueCodec(codec).memory(1 << 20).build()) {
      var thrown = assertThrows(IllegalArgumentException.class, () -> cache.put(1L, value));
      assertNull(cache.getIfPresent(1L));
      return String.valueOf(thrown.getMessage());
    }
  }

  private static void comesBack(Codec<Serializable> codec, Serializable value) {
    try (Carafe<Long, Serializable> cache =
        Carafe.newBuilder().keyCodec(Codec.int64()).valueCodec(codec).memory(1 << 20).build()) {
      cache.put(1L, value);
      assertEquals(value, Objects.requireNonNull(cache.getIfPresent(1L)));
    }
  }

  private static Serializable nested(int depth) {
    return depth == 1 ? new ArrayList<>() : new ArrayList<Object>(List.of(nested(depth - 1)));
  }

  @Test
  void aClassThatTheFilterRejectsIsRefusedByName() {
    String root = refused(codec("java.lang.*"), new BitSet());
    assertTrue(root.contains("the ObjectInputFilter rejects the class java.util.BitSet"), root);
    assertTrue(root.contains("allow the class in the filter"), root);
    Codec<Serializable> orders = codec("dev.carafe.**;java.lang.*;java.util.ArrayList");
    comesBack(orders, new Order("text"));
    comesBack(orders, new Order(new ArrayList<>(List.of("text"))));
    String inside = refused(orders, new Order(new ArrayList<>(List.of(URI.create("a:b")))));
    assertTrue(inside.contains("a value of " + Order.class.getName()), inside);
    assertTrue(inside.contains("rejects the class java.net.URI"), inside);
    comesBack(orders, new Order("another"));
  }

  @Test
  void aValueBeyondTheFiltersLimitsIsRefused() {
    Codec<Serializable> small =
        codec("maxdepth=9;maxarray=5;maxrefs=50;maxbytes=1000;java.base/*;dev.carafe.**");
    comesBack(small, nested(8));
    String deep = refused(small, nested(12));
    assertTrue(deep.contains("depth 10"), deep);
    assertTrue(deep.contains("raise the filter's limits"), deep);
    String array = refused(small, new Order(new int[6]));
    assertTrue(array.contains("the class [I with 6 elements"), array);
    refused(small, new ArrayList<>(List.of("x".repeat(2000), new BitSet())));
  }

  @Test
  void aValueThatComesBackAsAnotherClassIsRefused() {
    Codec<Serializable> all = codec("*");
    String other = refused(all, new Parsed());
    assertTrue(other.contains(Parsed.class.getName() + " comes back as an object of java"), other);
    assertTrue(refused(all, new Part()).contains("no valid constructor"));
    String lost = refused(all, new Order(new Part()));
    assertTrue(lost.contains("no valid constructor"), lost);
  }
}
