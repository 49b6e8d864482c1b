package dev.carafe.codecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Supplier;
import net.openhft.chronicle.bytes.BytesMarshallable;
import org.apache.fory.Fory;
import org.apache.fory.ThreadSafeFory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** A value comes back as an equal object of its class, or is refused by {@code put} (R7). */
final class SameClassTest {
  /** Has a subclass that adds a field. */
  static class Account implements Serializable {
    private static final long serialVersionUID = 1;
    public long owner;

    @Override
    public String toString() {
      return getClass().getSimpleName() + ' ' + owner;
    }
  }

  static final class Premium extends Account {
    private static final long serialVersionUID = 1;
    public long limit;

    @Override
    public String toString() {
      return super.toString() + ' ' + limit;
    }
  }

  sealed interface Shape {}

  record Circle(int radius) implements Shape {}

  record Square(int side) implements Shape, Serializable {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
  @JsonSubTypes({@JsonSubTypes.Type(Dog.class), @JsonSubTypes.Type(Cat.class)})
  sealed interface Animal {}

  record Dog(String name) implements Animal {}

  record Cat(String name) implements Animal {}

  private static Supplier<Kryo> kryo(Class<?>... registered) {
    return () -> {
      Kryo kryo = new Kryo();
      for (Class<?> type : registered) {
        kryo.register(type);
      }
      return kryo;
    };
  }

  private static ThreadSafeFory fory(Class<?>... registered) {
    ThreadSafeFory fory =
        Fory.builder().requireClassRegistration(true).withCompatible(true).buildThreadSafeFory();
    for (Class<?> type : registered) {
      fory.register(type, type.getName());
    }
    return fory;
  }

  private static <T> Carafe<Long, T> cache(Codec<T> codec) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(codec)
        .memory(1 << 20)
        .recordStats()
        .build();
  }

  private static Premium premium() {
    Premium premium = new Premium();
    premium.owner = 7;
    premium.limit = 1_000_000;
    return premium;
  }

  private static <T> void comesBack(Codec<T> codec, T value) {
    try (Carafe<Long, T> cache = cache(codec)) {
      cache.put(1L, value);
      T read = Objects.requireNonNull(cache.getIfPresent(1L));
      assertEquals(value.getClass(), read.getClass());
      assertEquals(value.toString(), read.toString());
    }
  }

  private static <T> String refused(Codec<T> codec, T value) {
    try (Carafe<Long, T> cache = cache(codec)) {
      var thrown = assertThrows(IllegalArgumentException.class, () -> cache.put(1L, value));
      assertNull(cache.getIfPresent(1L));
      return String.valueOf(thrown.getMessage());
    }
  }

  @Test
  void aSubclassComesBackWhereTheBytesNameTheClass() {
    comesBack(new KryoCodec<Account>(Account.class, kryo(Account.class, Premium.class)), premium());
    comesBack(new ForyCodec<Account>(Account.class, fory(Account.class, Premium.class)), premium());
    ObjectInputFilter all = ObjectInputFilter.Config.createFilter("dev.carafe.**;!*");
    comesBack(new JavaCodec<Account>(Account.class, all), premium());
    for (Jackson jackson : Jackson.values()) {
      comesBack(jackson.of(Animal.class), new Cat("Tom"));
      comesBack(jackson.of(Animal.class), new Dog("Rex"));
    }
  }

  @Test
  void aSealedTypeComesBackWhereTheBytesNameTheClass() {
    comesBack(new KryoCodec<Shape>(Shape.class, kryo(Circle.class, Square.class)), new Square(2));
    comesBack(new ForyCodec<Shape>(Shape.class, fory(Circle.class, Square.class)), new Square(2));
  }

  @Test
  void aClassThatIsNotRegisteredIsRefused() {
    String why = refused(new KryoCodec<Account>(Account.class, kryo(Account.class)), premium());
    assertTrue(why.contains("Premium"), why);
  }

  @ParameterizedTest
  @EnumSource
  void jsonWithoutTypesIsRefusedForWhatIsNotTheDeclaredClass(Jackson jackson) {
    String subclass = refused(jackson.of(Account.class), premium());
    assertTrue(subclass.contains(Premium.class.getName()), subclass);
    assertTrue(subclass.contains("@JsonTypeInfo"), subclass);
    String sealed = refused(jackson.of(Shape.class), new Circle(2));
    assertTrue(sealed.contains(Circle.class.getName()), sealed);
    assertTrue(sealed.contains("@JsonTypeInfo"), sealed);
  }

  @ParameterizedTest
  @EnumSource
  void numbersComeBackAsTheClassThatJsonGivesThemOrAreRefused(Jackson jackson) {
    Codec<Object> codec = jackson.of(Object.class);
    comesBack(codec, 1L << 40);
    refused(codec, 5L);
    comesBack(codec, 5);
    comesBack(codec, "text");
    comesBack(jackson.of(int.class), 5);
  }

  /** Spring gives its null marker to a cache of objects. */
  @Test
  @SuppressWarnings("unchecked")
  void aValueOfAnotherTypeIsRefused() {
    for (Codec<?> codec :
        new Codec<?>[] {
          Jackson.TWO.of(Circle.class),
          Jackson.THREE.of(Circle.class),
          new KryoCodec<>(Circle.class, kryo(Circle.class, Square.class)),
          new ForyCodec<>(Circle.class, fory(Circle.class, Square.class)),
          new JavaCodec<>(Premium.class, ObjectInputFilter.Config.createFilter("*")),
        }) {
      assertTrue(refused((Codec<Object>) codec, new Square(1)).contains("Square"));
    }
  }

  @Test
  void jsonOfATypeWithParametersComesBack() {
    JsonMapper mapper = JsonMapper.builder().build();
    Codec<List<Circle>> circles = new JacksonCodec<>(new TypeReference<List<Circle>>() {}, mapper);
    assertEquals("jackson/1 java.util.List<" + Circle.class.getName() + ">", circles.fingerprint());
    Codec<Map<String, List<Animal>>> animals =
        new JacksonCodec<>(new TypeReference<Map<String, List<Animal>>>() {}, mapper);
    try (Carafe<Long, List<Circle>> cache = cache(circles)) {
      for (List<Circle> value : List.of(List.<Circle>of(), List.of(new Circle(1)))) {
        cache.put(1L, value);
        assertEquals(value, cache.getIfPresent(1L));
      }
    }
    comesBack(new JacksonCodec<>(mapper.constructType(Circle.class), mapper), new Circle(3));
    try (Carafe<Long, Map<String, List<Animal>>> cache = cache(animals)) {
      Map<String, List<Animal>> value = Map.of("pets", List.of(new Dog("Rex"), new Cat("Tom")));
      cache.put(1L, value);
      assertEquals(value, cache.getIfPresent(1L));
    }
  }

  @ParameterizedTest
  @EnumSource
  void anElementOfAnotherClassIsRefusedAlsoWhenOthersCameBack(Jackson jackson) {
    Codec<List<Account>> codec = jackson.codec(new TypeReference<List<Account>>() {}.getType());
    codec.encodedBytes(List.of());
    codec.encodedBytes(List.of(new Account()));
    assertTrue(refused(codec, List.of(new Account(), premium())).contains("@JsonTypeInfo"));
    Codec<Map<String, Object>> maps =
        jackson.codec(new TypeReference<Map<String, Object>>() {}.getType());
    maps.encodedBytes(Map.of("a", Map.of("b", 5)));
    refused(maps, Map.of("a", Map.of("b", 5L)));
    refused(maps, Map.of("a", Set.of("b")));
  }

  @ParameterizedTest
  @EnumSource
  void aClassThatJacksonCanNotReadIsRefused(Jackson jackson) {
    record Holder(Shape shape) {}
    assertTrue(refused(jackson.of(Holder.class), new Holder(new Circle(1))).contains("Holder"));
  }

  static final class NoConstructor {
    final int number;

    NoConstructor(int number) {
      this.number = number;
    }
  }

  @Test
  void aClassThatKryoCanNotReadIsRefused() {
    Codec<NoConstructor> codec = new KryoCodec<>(NoConstructor.class, kryo(NoConstructor.class));
    assertTrue(refused(codec, new NoConstructor(1)).contains("NoConstructor"));
    comesBack(new KryoCodec<>(Unit.class, kryo(Unit.class)), Unit.KILO);
    Supplier<Kryo> open =
        () -> {
          Kryo kryo = new Kryo();
          kryo.setRegistrationRequired(false);
          return kryo;
        };
    for (Object value : List.of(List.of(1), Arrays.asList(1, null), Optional.of(2L))) {
      comesBack(new KryoCodec<>(Object.class, open), value);
    }
  }

  /** Regression: each was accepted, and every read of it was a miss. */
  @Test
  void whatForyCanNotReadIsRefused() {
    Codec<Object> codec = new ForyCodec<>(Object.class, fory());
    Object nested = "leaf";
    for (int depth = 0; depth < 60; depth++) { // Fory reads 50
      nested = new ArrayList<>(List.of(nested));
    }
    String deep = refused(codec, nested);
    assertTrue(deep.contains("depth"), deep);
    refused(codec, new PriorityQueue<>(List.of(1)));
    comesBack(codec, new ArrayList<>(List.of(1)));
  }

  /**
   * Regression: once a short number came back, a number that Jackson does not read was accepted.
   */
  @ParameterizedTest
  @EnumSource
  void aNumberOfMoreDigitsThanJacksonReadsIsRefused(Jackson jackson) {
    Codec<BigInteger> integers = jackson.of(BigInteger.class);
    comesBack(integers, BigInteger.TEN);
    refused(integers, BigInteger.TEN.pow(1200));
    comesBack(integers, BigInteger.TEN.pow(950));
    Codec<BigDecimal> decimals = jackson.of(BigDecimal.class);
    comesBack(decimals, BigDecimal.TEN);
    refused(decimals, new BigDecimal("1." + "3".repeat(1200)));
  }

  enum Unit {
    ONE,
    KILO {
      @Override
      public String toString() {
        return "1000";
      }
    }
  }

  @Test
  void aSubclassOfAMarshallableIsRefused() {
    Codec<Written> codec = Codec.marshallable(Written.class);
    assertThrows(IllegalArgumentException.class, () -> codec.encodedBytes(new Written() {}));
  }

  static class Written implements BytesMarshallable {}
}
