package dev.carafe.codecs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.serializers.DefaultSerializers.UUIDSerializer;
import com.esotericsoftware.kryo.kryo5.serializers.ImmutableCollectionsSerializers;
import dev.carafe.Codec;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import net.openhft.chronicle.bytes.BytesIn;
import net.openhft.chronicle.bytes.BytesMarshallable;
import net.openhft.chronicle.bytes.BytesOut;
import org.apache.fory.Fory;
import org.apache.fory.ThreadSafeFory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.cache.support.NullValue;

/** The codecs of objects keep the contract (R7, F4) for the types that applications cache. */
final class ShippedCodecsTest {
  enum Unit {
    ONE,
    KILO {
      @Override
      public String toString() {
        return "1000";
      }
    }
  }

  record Line(String article, int count, @Nullable BigDecimal price) implements Serializable {}

  record Order(
      UUID id,
      long number,
      double weight,
      float rate,
      short small,
      byte tiny,
      char sign,
      boolean paid,
      @Nullable String note,
      Unit unit,
      BigInteger total,
      LocalDate day,
      Instant at,
      Duration took,
      List<Line> lines,
      Map<String, Line> byName,
      Set<String> tags)
      implements Serializable {}

  private static Order order(
      long number, double weight, char sign, @Nullable String note, Unit unit, Line... lines) {
    Map<String, Line> byName = new LinkedHashMap<>();
    for (Line line : lines) {
      byName.put(line.article, line);
    }
    return new Order(
        new UUID(number, ~number),
        number,
        weight,
        (float) weight,
        (short) number,
        (byte) number,
        sign,
        note == null,
        note,
        unit,
        BigInteger.valueOf(number).pow(9),
        LocalDate.ofEpochDay(number % 100_000),
        Instant.ofEpochSecond(number % 1_000_000, 123_456_789),
        Duration.ofSeconds(number % 1_000_000, 5),
        List.of(lines),
        byName,
        byName.keySet().isEmpty() ? Set.of() : Set.of("a", "b", "c"));
  }

  private static Order[] orders() {
    Line line = new Line("beans", 2, new BigDecimal("9.90"));
    return new Order[] {
      order(0, 0, 'a', null, Unit.ONE),
      order(-1, -0.0, '\0', "", Unit.KILO, line),
      order(
          Long.MIN_VALUE,
          Double.MIN_VALUE,
          'é',
          "é\uD83D\uDE00\0\"\\",
          Unit.KILO,
          line,
          new Line("", 0, null)),
      order(Long.MAX_VALUE, Double.NaN, '\uFFFF', "x".repeat(1_000), Unit.ONE, line),
      order(1L << 53 | 1, Double.NEGATIVE_INFINITY, '"', "\u2028", Unit.ONE, line),
    };
  }

  @ParameterizedTest
  @EnumSource
  void jackson(Jackson jackson) {
    CodecContract.ofValues(jackson.of(Order.class)).samples(orders()).verify();
  }

  @Test
  void kryo() {
    CodecContract.ofValues(new KryoCodec<>(Order.class, ShippedCodecsTest::newKryo))
        .samples(orders())
        .verify();
  }

  static Kryo newKryo() {
    Kryo it = new Kryo();
    it.register(Order.class);
    it.register(Line.class);
    it.register(Unit.class);
    it.register(UUID.class, new UUIDSerializer());
    it.register(BigInteger.class);
    it.register(BigDecimal.class);
    it.register(LocalDate.class);
    it.register(Instant.class);
    it.register(Duration.class);
    it.register(LinkedHashMap.class);
    ImmutableCollectionsSerializers.registerSerializers(it);
    return it;
  }

  @Test
  void fory() {
    ThreadSafeFory fory =
        Fory.builder()
            .withXlang(false)
            .requireClassRegistration(true)
            .withCompatible(true)
            .buildThreadSafeFory();
    for (Class<?> type : List.of(Order.class, Line.class, Unit.class)) {
      fory.register(type, type.getName());
    }
    CodecContract.ofValues(new ForyCodec<>(Order.class, fory)).samples(orders()).verify();
  }

  @Test
  void java() {
    ObjectInputFilter filter =
        ObjectInputFilter.Config.createFilter("dev.carafe.codecs.*;java.base/*;!*");
    CodecContract.ofValues(new JavaCodec<>(Order.class, filter)).samples(orders()).verify();
  }

  /** Written and read by its own methods. */
  static final class Price implements BytesMarshallable {
    long cents;
    @Nullable String currency = "";

    static Price of(long cents, @Nullable String currency) {
      Price price = new Price();
      price.cents = cents;
      price.currency = currency;
      return price;
    }

    @Override
    public void writeMarshallable(BytesOut<?> bytes) {
      bytes.writeLong(cents).writeUtf8(currency);
    }

    @Override
    public void readMarshallable(BytesIn<?> bytes) {
      cents = bytes.readLong();
      currency = bytes.readUtf8();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Price price
          && cents == price.cents
          && Objects.equals(currency, price.currency);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(cents);
    }
  }

  @Test
  void marshallable() {
    CodecContract.ofKeys(Codec.marshallable(Price.class))
        .samples(
            Price.of(0, ""),
            Price.of(0, null),
            Price.of(Long.MIN_VALUE, "EUR"),
            Price.of(-1, "x".repeat(1000) + "é\uD83D\uDE00"))
        .verify();
  }

  @Test
  void nullValue() {
    Object[] samples = {NullValue.INSTANCE, "", "\0", "\1", "text"};
    CodecContract.ofKeys(NullValueCodec.of(Codec.utf8())).samples(samples).verify();
    CodecContract.ofValues(NullValueCodec.of(Jackson.THREE.of(String.class)))
        .samples(samples)
        .verify();
    CodecContract.ofKeys(NullValueCodec.of(Codec.int64()))
        .samples(NullValue.INSTANCE, 0L, 1L, -1L, 1L << 56)
        .verify();
    CodecContract.ofValues(NullValueCodec.of(Codec.bytes()))
        .samples(NullValue.INSTANCE, new byte[0], new byte[] {0}, new byte[] {1})
        .verify();
  }

  @Test
  void functions() {
    Codec<Line> codec =
        Codec.of(
            line -> (line.count + " " + line.article).getBytes(UTF_8),
            bytes -> {
              String[] words = new String(bytes, UTF_8).split(" ", 2);
              return new Line(words[1], Integer.parseInt(words[0]), null);
            });
    CodecContract.ofKeys(codec).samples(new Line("", 0, null), new Line("a b", -1, null)).verify();
  }
}
