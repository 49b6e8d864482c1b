package dev.carafe.springboot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
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
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.cache.interceptor.SimpleKey;

/**
 * Random keys of several parameters, each built twice, with other parts shared in each of the two
 * (contract R7).
 */
final class RandomKeysTest {
  private static final int KEYS = 2_000;

  private final AnyKeyCodec codec =
      new AnyKeyCodec(
          SerialFilters.of("", List.of("dev.carafe.springboot")), getClass().getClassLoader());

  private record Pair(@Nullable Object left, @Nullable Object right) implements Serializable {}

  /**
   * What a part is, apart from the object that represents it.
   *
   * @param kind from 0 to 8: a plain value; from 9 on: made of others
   * @param value distinguishes plain values of one kind
   * @param parts the others
   */
  private record Plan(int kind, int value, List<Plan> parts) {}

  /** Draws a plan. One in three parts is a part that was drawn before. */
  private static Plan draw(SplittableRandom random, int depth, List<Plan> drawn) {
    if (!drawn.isEmpty() && random.nextInt(3) == 0) {
      return drawn.get(random.nextInt(drawn.size()));
    }
    int kind = random.nextInt(depth == 0 ? 9 : 15);
    List<Plan> parts = new ArrayList<>();
    for (int i = 0; kind >= 9 && i < 2; i++) {
      parts.add(draw(random, depth - 1, drawn));
    }
    Plan plan = new Plan(kind, random.nextInt(3), parts);
    drawn.add(plan);
    return plan;
  }

  /** Builds the parts of a key. Where a plan occurs again, the object is the same or a new one. */
  private static final class Builder {
    private final SplittableRandom random;
    private final Map<Plan, Object> built = new HashMap<>();

    Builder(SplittableRandom random) {
      this.random = random;
    }

    @Nullable Object build(Plan plan) {
      Object before = built.get(plan);
      if (before != null && random.nextBoolean()) {
        return before;
      }
      Object part = create(plan);
      if (part != null) {
        built.put(plan, part);
      }
      return part;
    }

    private @Nullable Object create(Plan plan) {
      int value = plan.value;
      return switch (plan.kind) {
        case 0 -> null;
        case 1 -> new String("text " + value);
        case 2 -> 1_000L + value; // a new object
        case 3 -> 1_000 + value;
        case 4 -> new BigDecimal(value + ".50");
        case 5 -> LocalDate.ofEpochDay(value);
        case 6 -> new UUID(1, value);
        case 7 -> DayOfWeek.of(1 + value);
        case 8 -> value == 0;
        case 9 -> new Pair(build(plan.parts.get(0)), build(plan.parts.get(1)));
        case 10 -> new ArrayList<>(children(plan));
        case 11 -> new SimpleKey(children(plan).toArray());
        case 12 -> set(children(plan));
        case 13 -> map(children(plan));
        default -> new HashMap<>(Map.of("name", List.of(value, String.valueOf(value))));
      };
    }

    /** A set of these elements that iterates in one of many orders. */
    private Set<@Nullable Object> set(List<@Nullable Object> elements) {
      if (random.nextBoolean() && !elements.contains(null)) {
        return Set.copyOf(elements);
      }
      Set<@Nullable Object> set =
          random.nextBoolean() ? new LinkedHashSet<>() : new HashSet<>(1 << random.nextInt(8));
      set.addAll(random.nextBoolean() ? elements : elements.reversed());
      return set;
    }

    private Map<@Nullable Object, @Nullable Object> map(List<@Nullable Object> elements) {
      Map<@Nullable Object, @Nullable Object> map =
          random.nextBoolean() ? new LinkedHashMap<>() : new HashMap<>(1 << random.nextInt(8));
      for (Object key : set(elements)) {
        map.put(key, elements.getFirst());
      }
      return random.nextBoolean() || elements.contains(null) ? map : Map.copyOf(map);
    }

    private List<@Nullable Object> children(Plan plan) {
      List<@Nullable Object> children = new ArrayList<>();
      plan.parts.forEach(part -> children.add(build(part)));
      return children;
    }

    SimpleKey key(List<Plan> parameters) {
      List<@Nullable Object> elements = new ArrayList<>();
      parameters.forEach(parameter -> elements.add(build(parameter)));
      return new SimpleKey(elements.toArray());
    }
  }

  private static byte[] plain(Object key) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(key);
    }
    return bytes.toByteArray();
  }

  @Test
  void keysHaveEqualBytesIfAndOnlyIfTheyAreEqual() throws IOException {
    long seed = Long.getLong("carafe.test.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Object> seen = new HashMap<>();
    Map<Object, Boolean> distinct = new HashMap<>();
    int differ = 0;
    for (int i = 0; i < KEYS; i++) {
      String again = "again with -Dcarafe.test.seed=" + seed + ", key " + i;
      List<Plan> drawn = new ArrayList<>();
      List<Plan> parameters = new ArrayList<>();
      for (int p = random.nextInt(1, 4); p > 0; p--) {
        parameters.add(draw(random, 3, drawn));
      }
      SimpleKey one = new Builder(random.split()).key(parameters);
      SimpleKey other = new Builder(random.split()).key(parameters);
      assertEquals(one, other, again);
      byte[] bytes = codec.toArray(one);
      assertArrayEquals(bytes, codec.toArray(other), again);
      assertEquals(one, codec.decode(MemorySegment.ofArray(bytes)), again);
      Object same = seen.put(Arrays.toString(bytes), one);
      assertEquals(same == null, distinct.put(one, true) == null, again);
      differ += Arrays.equals(plain(one), plain(other)) ? 0 : 1;
    }
    assertFalse(differ < KEYS / 10, "the plain bytes differ for " + differ + " keys only");
  }
}
