package dev.carafe.codecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.serializers.FieldSerializer;
import dev.carafe.UnreadableValueException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * An object inside a value comes back as its class, or the value is refused by {@code put} (R7).
 */
final class KryoNestedTest {
  static class Item {
    public int number;
  }

  static class Rare extends Item {
    public int more;
  }

  /** Has no constructor that Kryo can call. */
  static final class Unmade extends Item {
    Unmade(int number) {
      this.number = number;
    }
  }

  static final class Order {
    public @Nullable Item item;
    public @Nullable Object any;

    static Order of(@Nullable Object any) {
      Order order = new Order();
      order.any = any;
      return order;
    }

    static Order of(Item item) {
      Order order = new Order();
      order.item = item;
      return order;
    }
  }

  static final class Box {
    public @Nullable Unmade unmade; // of a class without subclasses
  }

  static final class Counted {
    static final AtomicInteger MADE = new AtomicInteger();

    Counted() {
      MADE.incrementAndGet();
    }
  }

  enum Unit {
    ONE,
    KILO {
      @Override
      int factor() {
        return 1000;
      }
    };

    int factor() {
      return 1;
    }
  }

  private static Kryo made(Class<?>... registered) {
    Kryo kryo = new Kryo();
    kryo.register(Order.class);
    for (Class<?> type : registered) {
      kryo.register(type);
    }
    return kryo;
  }

  private static KryoCodec<Order> codec(Class<?>... registered) {
    return new KryoCodec<>(Order.class, () -> made(registered));
  }

  private static Kryo openKryo() {
    Kryo kryo = new Kryo();
    kryo.setRegistrationRequired(false);
    return kryo;
  }

  private static KryoCodec<Order> open() {
    return new KryoCodec<>(Order.class, KryoNestedTest::openKryo);
  }

  private static Order comesBack(KryoCodec<Order> codec, Order value) {
    return codec.decode(MemorySegment.ofArray(codec.toArray(value)));
  }

  /** Also the second time, and others still come back. */
  private static void refused(KryoCodec<Order> codec, Order value, String word) {
    for (int time = 0; time < 2; time++) {
      var thrown = assertThrows(IllegalArgumentException.class, () -> codec.toArray(value));
      String why = String.valueOf(thrown.getMessage());
      assertTrue(why.contains(word), why);
      comesBack(codec, Order.of(new Item()));
    }
  }

  @Test
  void aSubclassInAFieldComesBackAsIt() {
    for (KryoCodec<Order> codec : List.of(codec(Item.class, Rare.class), open())) {
      comesBack(codec, Order.of(new Item()));
      Rare rare = new Rare();
      rare.more = 5;
      Order read = comesBack(codec, Order.of(rare));
      assertTrue(read.item instanceof Rare back && back.more == 5);
    }
  }

  @Test
  void aClassWithoutAConstructorThatALaterValueHasInsideIsRefused() {
    for (KryoCodec<Order> codec :
        List.of(codec(Item.class, Unmade.class, Box.class, ArrayList.class), open())) {
      comesBack(codec, Order.of(new Item()));
      comesBack(codec, Order.of(new ArrayList<>(List.of(new Item()))));
      refused(codec, Order.of(new Unmade(1)), "Unmade");
      refused(codec, Order.of(new ArrayList<>(List.of(new Item(), new Unmade(1)))), "Unmade");
      comesBack(codec, Order.of(new Box()));
      Box full = new Box();
      full.unmade = new Unmade(1);
      refused(codec, Order.of(full), "Unmade");
    }
  }

  @Test
  void aClassThatIsNotRegisteredInsideALaterValueIsRefused() {
    KryoCodec<Order> codec = codec(Item.class);
    comesBack(codec, Order.of(new Item()));
    refused(codec, Order.of(new Rare()), "Rare");
  }

  @Test
  void lambdasAndAnonymousClassesAreRefused() {
    Item captured = new Item();
    Supplier<Item> lambda = () -> captured;
    Object anonymous =
        new Object() {
          @Override
          public String toString() {
            return "of " + captured;
          }
        };
    refused(codec(Item.class, anonymous.getClass()), Order.of(anonymous), "Order");
    for (Object each : List.of(lambda, anonymous)) {
      refused(codec(Item.class), Order.of(each), "Order");
      KryoCodec<Order> codec = open();
      comesBack(codec, Order.of(new Item()));
      refused(codec, Order.of(each), "Order");
    }
  }

  @Test
  void aListThatKryoCanNotMakeIsRefused() {
    List<String> unmodifiable = Collections.unmodifiableList(new ArrayList<>(List.of("a")));
    KryoCodec<Order> codec = codec(Item.class, unmodifiable.getClass());
    comesBack(codec, Order.of(new Item()));
    refused(codec, Order.of(unmodifiable), "Unmodifiable");
  }

  @Test
  void aClassWhoseFieldsKryoCanNotReachIsRefused() {
    KryoCodec<Order> codec = open();
    comesBack(codec, Order.of(new Item()));
    refused(codec, Order.of(new StackTraceElement("Shop", "sell", "Shop.java", 1)), "Order");
  }

  /** A serializer that is told of one class writes a subclass as that one. */
  @Test
  void aSubclassThatIsWrittenAsItsSuperclassIsRefused() {
    Supplier<Kryo> kryos =
        () -> {
          Kryo kryo = made(Item.class, Rare.class);
          FieldSerializer<Order> orders = new FieldSerializer<>(kryo, Order.class);
          orders.getField("item").setValueClass(Item.class);
          kryo.register(Order.class, orders);
          return kryo;
        };
    KryoCodec<Order> codec = new KryoCodec<>(Order.class, kryos);
    comesBack(codec, Order.of((Object) new Rare()));
    comesBack(codec, Order.of(new Item()));
    refused(codec, Order.of(new Rare()), "Rare");
  }

  @Test
  void whatTheJdkHasComesBack() {
    Class<?>[] lists = {List.of(1).getClass(), List.of(1, 2, 3).getClass()};
    KryoCodec<Order> registered =
        codec(Item.class, lists[0], lists[1], Unit.class, TreeMap.class, HashMap.class);
    for (KryoCodec<Order> codec : List.of(registered, open())) {
      for (Object each :
          List.of(
              List.of(1),
              List.of(1, 2, 3),
              Unit.ONE,
              Unit.KILO,
              new TreeMap<>(Map.of("a", Unit.KILO)),
              new HashMap<>(Map.of("b", List.of(2))),
              "text",
              5L)) {
        for (int time = 0; time < 2; time++) {
          assertEquals(each, comesBack(codec, Order.of(each)).any);
        }
      }
    }
    for (Object each : List.of(List.of(1, 2, 3, 4).subList(1, 4), Map.of(1, 2, 3, 4))) {
      assertEquals(each, comesBack(open(), Order.of(each)).any);
      KryoCodec<Object> objects = new KryoCodec<>(Object.class, KryoNestedTest::openKryo);
      for (int time = 0; time < 2; time++) {
        assertEquals(each, objects.decode(MemorySegment.ofArray(objects.toArray(each))));
      }
    }
  }

  @Test
  void onlyTheFirstValueWithAClassInsideIsReadBackOnAllThreads() throws Exception {
    KryoCodec<Order> codec = codec(Item.class, Counted.class);
    int before = Counted.MADE.get();
    Order value = Order.of(new Counted());
    for (int thread = 0; thread < 3; thread++) {
      FutureTask<Integer> puts =
          new FutureTask<>(() -> {
            int bytes = 0;
            for (int i = 0; i < 10; i++) {
              bytes += codec.toArray(value).length;
            }
            return bytes;
          });
      Thread.ofPlatform().start(puts);
      assertTrue(puts.get() > 0);
    }
    assertEquals(2, Counted.MADE.get() - before); // the value, and one that was read back
  }

  /** One Kryo of two codecs has one watch, and its stamp is the same. */
  @Test
  void twoCodecsCanShareAKryo() {
    Kryo shared = made(Item.class, Unmade.class);
    byte[] bytes = new KryoCodec<>(Order.class, () -> shared).toArray(Order.of(new Item()));
    KryoCodec<Order> second = new KryoCodec<>(Order.class, () -> shared);
    assertNotNull(second.decode(MemorySegment.ofArray(bytes)).item);
    refused(second, Order.of(new Unmade(1)), "Unmade");
    assertEquals(
        bytes.length, codec(Item.class, Unmade.class).toArray(Order.of(new Item())).length);
    assertNotNull(codec(Item.class, Unmade.class).decode(MemorySegment.ofArray(bytes)).item);
  }

  @Test
  void aValueThatCanNotBeReadLeavesTheCodecUsable() {
    for (KryoCodec<Order> codec : List.of(codec(Item.class), open())) {
      byte[] bytes = codec.toArray(Order.of(new Item()));
      MemorySegment cut = MemorySegment.ofArray(bytes).asSlice(0, bytes.length - 1);
      assertThrows(UnreadableValueException.class, () -> codec.decode(cut));
      comesBack(codec, Order.of(new Item()));
    }
  }
}
