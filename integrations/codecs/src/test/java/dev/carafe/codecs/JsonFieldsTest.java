package dev.carafe.codecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.carafe.spi.ArrayCodec;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

  private static <T> T comesBack(ArrayCodec<T> codec, T value) {
    T read = codec.decode(MemorySegment.ofArray(codec.toArray(value)));
    assertEquals(value.getClass(), read.getClass());
    return read;
  }

  private static <T> void refused(ArrayCodec<T> codec, T value, String word) {
    var thrown = assertThrows(IllegalArgumentException.class, () -> codec.toArray(value));
    String why = String.valueOf(thrown.getMessage());
    // Jackson 2 names the field by Line["from"]
    assertTrue(why.replaceAll("\\[\"(\\w+)\"\\]", ".$1").contains(word), why);
  }

  @ParameterizedTest
  @EnumSource
  void leavesComeBackEqual(Jackson jackson) {
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
    Leaves read = comesBack(jackson.of(Leaves.class), value);
    assertEquals(value.id(), read.id());
    assertEquals(value.price(), read.price());
    assertEquals(value.at(), read.at());
    assertEquals(value.bySize(), read.bySize());
    assertTrue(Arrays.deepEquals(value.table(), read.table()));
  }

  @ParameterizedTest
  @EnumSource
  void aFieldOfASubclassIsRefusedAlsoWhenOthersCameBack(Jackson jackson) {
    ArrayCodec<Line> codec = jackson.of(Line.class);
    Line good = new Line(new Point(), List.of(new Point()));
    comesBack(codec, good);
    comesBack(codec, good);
    refused(codec, new Line(new Point3(), List.of()), "Line.from");
    refused(codec, new Line(new Point(), List.of(new Point(), new Point3())), "Line.via");
    refused(
        jackson.of(Deep.class),
        new Deep(new Box<>(new Line(new Point3(), List.of()))),
        "Line.from");
  }

  @ParameterizedTest
  @EnumSource
  void aFieldThatIsDeclaredAsObjectIsRefusedForWhatJsonDoesNotName(Jackson jackson) {
    ArrayCodec<Plain> codec = jackson.of(Plain.class);
    comesBack(codec, new Plain("text"));
    comesBack(codec, new Plain(List.of(1, "two")));
    comesBack(codec, new Plain(1));
    refused(codec, new Plain(1L), "Plain.any");
    refused(codec, new Plain(new Dog("Rex")), "Plain.any");
    refused(codec, new Plain(new UUID(1, 2)), "Plain.any");
    refused(codec, new Plain(Size.SMALL), "Plain.any");
    refused(codec, new Plain(new ArrayList<>(List.of(new Dog("Rex")))), "Plain.any");
    refused(codec, new Plain(new Object[] {1}), "Plain.any");
    refused(jackson.of(Box.class), new Box<>(new Dog("Rex")), "Box.content");
  }

  @ParameterizedTest
  @EnumSource
  void fieldsWhoseJsonNamesTheClassComeBack(Jackson jackson) {
    Pets value = new Pets(List.of(new Dog("Rex"), new Dog("Tim")), new Dog("Tom"));
    assertEquals(value, comesBack(jackson.of(Pets.class), value));
  }

  @ParameterizedTest
  @EnumSource
  void aFieldThatJsonDoesNotHaveIsRefused(Jackson jackson) {
    refused(jackson.of(Hidden.class), new Hidden().with("x"), "Hidden.secret");
    comesBack(jackson.of(Hidden.class), new Hidden());
    comesBack(jackson.of(Ignoring.class), new Ignoring());
  }

  @ParameterizedTest
  @EnumSource
  void aTimeThatLosesItsOffsetIsRefused(Jackson jackson) {
    record Event(OffsetDateTime at) {}
    refused(
        jackson.of(Event.class),
        new Event(OffsetDateTime.parse("2026-01-01T00:00+02:00")),
        "Event");
  }
}
