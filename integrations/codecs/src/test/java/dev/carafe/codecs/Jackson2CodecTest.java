package dev.carafe.codecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is particular to Jackson 2; {@link JsonFieldsTest} and others try it beside Jackson 3. */
final class Jackson2CodecTest {
  @TempDir Path directory;

  record Order(long number, List<BigDecimal> prices, @Nullable String note) {}

  record Event(Instant at) {}

  record Note(Optional<String> text) {}

  private static Carafe<Long, List<Order>> open(Path file, Codec<List<Order>> codec) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(codec)
        .memory(1 << 20)
        .file(file, 1 << 20)
        .build();
  }

  @Test
  void aListOfOrdersComesBackFromTheFile() {
    JsonMapper mapper = JsonMapper.builder().build();
    Codec<List<Order>> codec = new Jackson2Codec<>(new TypeReference<List<Order>>() {}, mapper);
    assertEquals("jackson2/1 java.util.List<" + Order.class.getName() + ">", codec.fingerprint());
    List<Order> orders =
        List.of(
            new Order(1L << 40, List.of(new BigDecimal("1.50")), null),
            new Order(2, List.of(), "a note"));
    Path file = directory.resolve("orders.carafe");
    try (Carafe<Long, List<Order>> cache = open(file, codec)) {
      cache.put(1L, orders);
      cache.put(2L, List.of());
      assertEquals(orders, cache.getIfPresent(1L));
    }
    try (Carafe<Long, List<Order>> cache = open(file, codec)) {
      assertEquals(orders, cache.getIfPresent(1L));
      assertEquals(List.of(), cache.getIfPresent(2L));
      assertNull(cache.getIfPresent(3L));
    }
  }

  @Test
  void whatNeedsAModuleIsRefusedWithoutIt() { // R7
    JsonMapper mapper = JsonMapper.builder().build();
    Codec<Event> events = new Jackson2Codec<>(Event.class, mapper);
    Codec<Note> notes = new Jackson2Codec<>(mapper.constructType(Note.class), mapper);
    var time =
        assertThrows(
            IllegalArgumentException.class, () -> events.encodedBytes(new Event(Instant.EPOCH)));
    assertTrue(String.valueOf(time.getMessage()).contains(Event.class.getName()));
    assertThrows(
        IllegalArgumentException.class, () -> notes.encodedBytes(new Note(Optional.of("text"))));
  }

  /** An application has one version of Jackson on its class path, or neither. */
  @ParameterizedTest
  @CsvSource({
    "Jackson2Codec, com.fasterxml.jackson.databind, tools.jackson.",
    "JacksonCodec, tools.jackson.databind, com.fasterxml.jackson.databind.",
  })
  void eachVersionWorksWithoutTheOther(String codec, String mappers, String hidden)
      throws Exception {
    ClassLoader loader = new Without(hidden, getClass().getClassLoader());
    Class<?> mapper = loader.loadClass(mappers + ".ObjectMapper");
    Object orders =
        loader
            .loadClass("dev.carafe.codecs." + codec)
            .getConstructor(Class.class, mapper)
            .newInstance(Order.class, mapper.getConstructor().newInstance());
    @SuppressWarnings("unchecked")
    Codec<Order> made = (Codec<Order>) orders;
    assertTrue(made.encodedBytes(new Order(1, List.of(), "a note")) > 0);
  }

  /** Loads the codecs anew, and finds no class of one package. */
  private static final class Without extends ClassLoader {
    private final String hidden;

    Without(String hidden, ClassLoader parent) {
      super(parent);
      this.hidden = hidden;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith(hidden)) {
        throw new ClassNotFoundException(name);
      }
      boolean isOurs = name.startsWith("dev.carafe.codecs.") && !name.contains("Test");
      if (!isOurs || findLoadedClass(name) != null) {
        return super.loadClass(name, resolve);
      }
      String file = name.replace('.', '/') + ".class";
      try (InputStream bytes = Objects.requireNonNull(getParent().getResourceAsStream(file))) {
        byte[] all = bytes.readAllBytes();
        return defineClass(name, all, 0, all.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
