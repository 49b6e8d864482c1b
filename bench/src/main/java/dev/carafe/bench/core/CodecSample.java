package dev.carafe.bench.core;

import com.esotericsoftware.kryo.kryo5.Kryo;
import dev.carafe.Codec;
import dev.carafe.codecs.ForyCodec;
import dev.carafe.codecs.JacksonCodec;
import dev.carafe.codecs.JavaCodec;
import dev.carafe.codecs.KryoCodec;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.fory.Fory;
import org.apache.fory.ThreadSafeFory;
import tools.jackson.databind.json.JsonMapper;

/**
 * A value and its codec.
 *
 * @param codec the codec
 * @param value the value to encode
 * @param <T> the type of the value
 */
record CodecSample<T>(Codec<T> codec, T value) {
  /** The codecs in the order of the tables. */
  static final List<String> CODECS = List.of("bytes", "utf8", "kryo", "fory", "jackson", "java");

  private static final List<String> WORDS =
      List.of("espresso", "filter", "carafe", "grinder", "Kaffeemühle", "kettle", "scale", "paper");
  private static final int LINES = 12;

  /** About 100 bytes of text and numbers. */
  record Item(
      long id, String name, String maker, int quantity, double price, boolean sold, String code)
      implements Serializable {}

  /** A few KiB: a list of twelve items with common fields. */
  record Order(long number, String customer, List<Item> items, long[] times)
      implements Serializable {}

  /**
   * Creates a sample.
   *
   * @param codec one of {@link #CODECS}
   * @param size small or large
   */
  static CodecSample<?> of(String codec, String size) {
    boolean small = size.equals("small");
    String text = small ? item(1).toString() : order().toString();
    return switch (codec) {
      case "bytes" ->
          new CodecSample<>(
              Codec.bytes(), text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      case "utf8" -> new CodecSample<>(Codec.utf8(), text);
      default -> small ? object(codec, Item.class, item(1)) : object(codec, Order.class, order());
    };
  }

  private static <T extends Serializable> CodecSample<T> object(
      String codec, Class<T> type, T value) {
    return new CodecSample<>(
        switch (codec) {
          case "kryo" -> new KryoCodec<>(type, CodecSample::kryo);
          case "fory" -> new ForyCodec<>(type, fory());
          case "jackson" -> new JacksonCodec<>(type, JsonMapper.builder().build());
          case "java" ->
              new JavaCodec<>(
                  type, ObjectInputFilter.Config.createFilter("dev.carafe.**;java.base/*;!*"));
          default -> throw new IllegalArgumentException("unknown codec " + codec);
        },
        value);
  }

  private static Kryo kryo() {
    Kryo kryo = new Kryo();
    kryo.register(ArrayList.class);
    kryo.register(long[].class);
    kryo.register(Item.class);
    kryo.register(Order.class);
    return kryo;
  }

  private static ThreadSafeFory fory() {
    ThreadSafeFory fory =
        Fory.builder().requireClassRegistration(true).withCompatible(true).buildThreadSafeFory();
    fory.register(Item.class, "Item");
    fory.register(Order.class, "Order");
    return fory;
  }

  private static Item item(int number) {
    String word = WORDS.get(number % WORDS.size());
    return new Item(
        1_000_003L * number, word, "maker of " + word, number, 9.95 * number, true, "x-" + number);
  }

  private static Order order() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < LINES; i++) {
      items.add(item(i));
    }
    return new Order(815, "Ada Lovelace", items, new long[] {1L << 40, 1L << 41, 1L << 42});
  }

  /** The encoded length in bytes. */
  int bytes() {
    return codec.encodedBytes(value);
  }

  /** Encodes as the cache does. */
  int encode(MemorySegment target) {
    if (codec instanceof dev.carafe.spi.ArrayCodec<T> arrays) {
      byte[] bytes = arrays.toArray(value);
      MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
      return bytes.length;
    }
    int bytes = codec.encodedBytes(value);
    codec.encode(value, target.asSlice(0, bytes));
    return bytes;
  }

  /** Decodes without a check. */
  T decode(MemorySegment source) {
    return codec.decode(source);
  }

  /** Whether decoding returns the encoded value. */
  boolean roundTrips(MemorySegment source) {
    return Objects.deepEquals(text(value), text(codec.decode(source)));
  }

  private static Object text(Object value) {
    return value instanceof Order order ? List.of(order.number(), order.items()) : value;
  }
}
