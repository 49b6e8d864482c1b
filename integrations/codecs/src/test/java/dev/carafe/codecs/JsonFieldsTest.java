package dev.carafe.codecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The fields of a value come back as objects of the same classes, or it is refused (R7). */
final class JsonFieldsTest {
  enum Size {
    SMALL,
    LARGE {
      @Override
      int grams() {
        return 2;
      }
    };

    int grams() {
      return 1;
    }
  }

  static class Point {
    public int x;
  }

  static final class Point3 extends Point {
    public int z;
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes({@JsonSubTypes.Type(Dog.class)})
  interface Animal {}

  record Dog(String name) implements Animal {}

  record Leaves(
      UUID id,
      BigDecimal price,
      Instant at,
      Size size,
      Map<Size, List<String>> bySize,
      Optional<String> note,
      byte[] bytes,
      int[][] table,
      @Nullable String nothing) {}

  record Plain(Object any) {}

  record Box<T>(T content) {}

  record Pets(List<Animal> pets, Animal first) {}

  record Line(Point from, List<? extends Point> via) {}

  record Deep(Box<Line> line) {}

  static final class Hidden {
    public String shown = "";
    private @Nullable String secret;

    Hidden with(String kept) {
      secret = kept + secret;
      return this;
    }
  }

  static final class Ignoring {
    public String shown = "";
    @JsonIgnore public @Nullable Object ignored = new Object();
    transient @Nullable Object cached = new Object();
  }

  private static <T> JacksonCodec<T> codec(Class<T> type) {
    return new JacksonCodec<>(type, JsonMapper.builder().build());
  }

  private static <T> T comesBack(JacksonCodec<T> codec, T value) {
    T read = codec.decode(MemorySegment.ofArray(codec.toArray(value)));
    assertEquals(value.getClass(), read.getClass());
    return read;
  }

  private static <T> void refused(JacksonCodec<T> codec, T value, String word) {
    var thrown = assertThrows(IllegalArgumentException.class, () -> codec.toArray(value));
    String why = String.valueOf(thrown.getMessage());
    assertTrue(why.contains(word), why);
  }

  @Test
  void leavesComeBackEqual() {
    var bySize = new EnumMap<Size, List<String>>(Map.of(Size.LARGE, Arrays.asList("a", null)));
    Leaves value =
        new Leaves(
            new UUID(1, 2),
            new BigDecimal("1.50"),
            Instant.ofEpochSecond(1, 123456789),
            Size.LARGE,
            bySize,
            Optional.of("note"),
            new byte[] {1, 2},
            new int[][] {{1}, {2, 3}},
            null);
    Leaves read = comesBack(codec(Leaves.class), value);
    assertEquals(value.id(), read.id());
    assertEquals(value.price(), read.price());
    assertEquals(value.at(), read.at());
    assertEquals(value.bySize(), read.bySize());
    assertTrue(Arrays.deepEquals(value.table(), read.table()));
  }

  @Test
  void aFieldOfASubclassIsRefusedAlsoWhenOthersCameBack() {
    JacksonCodec<Line> codec = codec(Line.class);
    Line good = new Line(new Point(), List.of(new Point()));
    comesBack(codec, good);
    comesBack(codec, good);
    refused(codec, new Line(new Point3(), List.of()), "Line.from");
    refused(codec, new Line(new Point(), List.of(new Point(), new Point3())), "Line.via");
    refused(codec(Deep.class), new Deep(new Box<>(new Line(new Point3(), List.of()))), "Point3");
  }

  @Test
  void aFieldThatIsDeclaredAsObjectIsRefusedForWhatJsonDoesNotName() {
    JacksonCodec<Plain> codec = codec(Plain.class);
    comesBack(codec, new Plain("text"));
    comesBack(codec, new Plain(List.of(1, "two")));
    comesBack(codec, new Plain(1));
    refused(codec, new Plain(1L), "Plain.any");
    refused(codec, new Plain(new Dog("Rex")), "Plain.any");
    refused(codec, new Plain(new UUID(1, 2)), "Plain.any");
    refused(codec, new Plain(Size.SMALL), "Plain.any");
    refused(codec, new Plain(new ArrayList<>(List.of(new Dog("Rex")))), "Plain.any");
    refused(codec, new Plain(new Object[] {1}), "Plain.any");
    refused(codec(Box.class), new Box<>(new Dog("Rex")), "Box.content");
  }

  @Test
  void fieldsWhoseJsonNamesTheClassComeBack() {
    Pets value = new Pets(List.of(new Dog("Rex"), new Dog("Tim")), new Dog("Tom"));
    assertEquals(value, comesBack(codec(Pets.class), value));
  }

  @Test
  void aFieldThatJsonDoesNotHaveIsRefused() {
    refused(codec(Hidden.class), new Hidden().with("x"), "Hidden.secret");
    comesBack(codec(Hidden.class), new Hidden());
    comesBack(codec(Ignoring.class), new Ignoring());
  }

  @Test
  void aTimeThatLosesItsOffsetIsRefused() {
    record Event(OffsetDateTime at) {}
    refused(codec(Event.class), new Event(OffsetDateTime.parse("2026-01-01T00:00+02:00")), "Event");
  }
}
