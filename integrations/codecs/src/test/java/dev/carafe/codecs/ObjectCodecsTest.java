package dev.carafe.codecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.serializers.CompatibleFieldSerializer;
import com.fasterxml.jackson.databind.DeserializationFeature;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.apache.fory.Fory;
import org.apache.fory.ThreadSafeFory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Objects through the file, and a class that changes between two runs: it is compiled in two
 * versions, of which the second has lost a field and gained another.
 */
final class ObjectCodecsTest {
  @TempDir Path directory;

  private static final String FIRST =
      "package shop; public class Item implements java.io.Serializable {"
          + " private static final long serialVersionUID = 1;"
          + " public String name; public int price; public String lost;"
          + " public String toString() { return name + \" \" + price + \" \" + lost; } }";
  private static final String SECOND =
      "package shop; public class Item implements java.io.Serializable {"
          + " private static final long serialVersionUID = 1;"
          + " public String gained; public String name; public int price;"
          + " public String toString() { return name + \" \" + price + \" \" + gained; } }";

  /** Nothing bridges this one: a number has become a list. */
  private static final String THIRD =
      "package shop; public class Item implements java.io.Serializable {"
          + " private static final long serialVersionUID = 1;"
          + " public String gained = \"\"; public String name = \"\";"
          + " public java.util.ArrayList<String> price = new java.util.ArrayList<>();"
          + " public String toString() { return name + \" \" + price; } }";

  /** A serializer, whether it bridges the second version, and whether it refuses the third. */
  record Serializer(
      String name,
      boolean bridges,
      boolean refuses,
      BiFunction<Class<?>, ClassLoader, Codec<Object>> codec) {
    @Override
    public String toString() {
      return name;
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  static Stream<Serializer> serializers() {
    return Stream.of(
        new Serializer("kryo", false, true, (type, loader) -> kryo(type, loader, false)),
        new Serializer("kryo, compatible", true, false, (type, loader) -> kryo(type, loader, true)),
        new Serializer(
            "fory, compatible",
            true,
            true,
            (type, loader) -> {
              ThreadSafeFory fory =
                  Fory.builder()
                      .withClassLoader(loader)
                      .requireClassRegistration(true)
                      .withCompatible(true)
                      .buildThreadSafeFory();
              fory.register(type, "shop.Item");
              return new ForyCodec<>((Class<Object>) type, fory);
            }),
        new Serializer(
            "jackson",
            true,
            true,
            (type, loader) ->
                new JacksonCodec<>((Class<Object>) type, JsonMapper.builder().build())),
        new Serializer("jackson 2", true, true, (type, loader) -> jackson2(type, false)),
        new Serializer("jackson 2, strict", false, true, (type, loader) -> jackson2(type, true)),
        new Serializer(
            "java",
            true,
            true,
            (type, loader) ->
                (Codec<Object>)
                    (Codec)
                        new JavaCodec<>(
                            (Class<Serializable>) type,
                            ObjectInputFilter.Config.createFilter("shop.*;java.**;!*"))));
  }

  @SuppressWarnings("unchecked")
  private static Codec<Object> jackson2(Class<?> type, boolean strict) {
    return new Jackson2Codec<>(
        (Class<Object>) type,
        com.fasterxml.jackson.databind.json.JsonMapper.builder()
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, strict)
            .build());
  }

  @SuppressWarnings("unchecked")
  private static Codec<Object> kryo(Class<?> type, ClassLoader loader, boolean compatible) {
    return new KryoCodec<>(
        (Class<Object>) type,
        () -> {
          Kryo kryo = new Kryo();
          kryo.setClassLoader(loader);
          if (compatible) {
            kryo.setDefaultSerializer(CompatibleFieldSerializer.class);
          }
          kryo.register(type);
          kryo.register(java.util.ArrayList.class);
          return kryo;
        });
  }

  @ParameterizedTest
  @MethodSource("serializers")
  void anObjectComesBackFromTheFileAlsoToAChangedClass(Serializer serializer) throws Exception {
    Path file = directory.resolve("items.carafe");
    try (URLClassLoader loader = compiled("first", FIRST)) {
      Class<?> item = loader.loadClass("shop.Item");
      Object value = item.getDeclaredConstructor().newInstance();
      item.getField("name").set(value, "bean");
      item.getField("price").setInt(value, 7);
      item.getField("lost").set(value, "old");
      try (Carafe<Long, Object> cache = open(file, serializer.codec().apply(item, loader))) {
        cache.put(1L, value);
        assertEquals("bean 7 old", String.valueOf(cache.getIfPresent(1L)));
      }
      try (Carafe<Long, Object> cache = open(file, serializer.codec().apply(item, loader))) {
        assertEquals("bean 7 old", String.valueOf(cache.getIfPresent(1L)));
      }
    }
    try (URLClassLoader loader = compiled("second", SECOND)) {
      Class<?> item = loader.loadClass("shop.Item");
      try (Carafe<Long, Object> cache = open(file, serializer.codec().apply(item, loader))) {
        if (serializer.bridges()) {
          assertEquals("bean 7 null", String.valueOf(cache.getIfPresent(1L)));
        } else {
          aMissThatIsLoadedAnew(cache, item.getDeclaredConstructor().newInstance());
        }
      }
    }
    if (serializer.refuses()) {
      try (URLClassLoader loader = compiled("third", THIRD)) {
        Class<?> item = loader.loadClass("shop.Item");
        try (Carafe<Long, Object> cache = open(file, serializer.codec().apply(item, loader))) {
          aMissThatIsLoadedAnew(cache, item.getDeclaredConstructor().newInstance());
        }
      }
    }
  }

  private static void aMissThatIsLoadedAnew(Carafe<Long, Object> cache, Object fresh) {
    assertNull(cache.getIfPresent(1L));
    assertEquals(fresh.toString(), String.valueOf(cache.get(1L, key -> fresh)));
    assertEquals(fresh.toString(), String.valueOf(cache.getIfPresent(1L))); // kept
  }

  private static Carafe<Long, Object> open(Path file, Codec<Object> codec) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .<Object>valueCodec(codec)
        .memory(1 << 20)
        .file(file, 1 << 20)
        .build();
  }

  /** Kryo would read the one's name as the other's maker. */
  @Test
  void kryoMissesAChangedRecord() throws Exception {
    Path file = directory.resolve("beans.carafe");
    try (URLClassLoader loader =
        compiled("records", "package shop; public record Item(String name) {}")) {
      Class<?> item = loader.loadClass("shop.Item");
      try (Carafe<Long, Object> cache = open(file, kryo(item, loader, false))) {
        cache.put(1L, item.getConstructor(String.class).newInstance("bean"));
        assertEquals("Item[name=bean]", String.valueOf(cache.getIfPresent(1L)));
      }
    }
    try (URLClassLoader loader =
        compiled("others", "package shop; public record Item(String maker) {}")) {
      Class<?> item = loader.loadClass("shop.Item");
      try (Carafe<Long, Object> cache = open(file, kryo(item, loader, false))) {
        aMissThatIsLoadedAnew(cache, item.getConstructor(String.class).newInstance("me"));
      }
    }
  }

  /** What an earlier run has put with another filter. */
  @Test
  void theFilterRejectsWhatTheFileHasAndItDoesNotAllow() {
    Path file = directory.resolve("bits.carafe");
    for (String pattern : List.of("java.base/*", "!*")) {
      Codec<BitSet> codec =
          new JavaCodec<>(BitSet.class, ObjectInputFilter.Config.createFilter(pattern));
      try (Carafe<Long, BitSet> cache =
          Carafe.newBuilder()
              .keyCodec(Codec.int64())
              .valueCodec(codec)
              .memory(1 << 20)
              .file(file, 1 << 20)
              .build()) {
        if (pattern.equals("!*")) {
          assertNull(cache.getIfPresent(1L));
          assertNotNull(cache.read(1L, bytes -> bytes.byteSize()));
        } else {
          cache.put(1L, new BitSet());
        }
      }
    }
  }

  private URLClassLoader compiled(String folder, String code) throws Exception {
    Path out = Files.createDirectories(directory.resolve(folder));
    SimpleJavaFileObject source =
        new SimpleJavaFileObject(
            URI.create("string:///shop/Item.java"), SimpleJavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
          }
        };
    StringWriter said = new StringWriter();
    var compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    try (var files = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
      List<String> options = List.of("-d", out.toString(), "-proc:none");
      assertTrue(
          compiler.getTask(said, files, null, options, null, List.of(source)).call(),
          said::toString);
    }
    return new URLClassLoader(new URL[] {out.toUri().toURL()}, getClass().getClassLoader());
  }
}
