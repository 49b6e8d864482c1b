package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Policy;
import dev.carafe.AsyncCarafe;
import dev.carafe.AsyncLoadingCarafe;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.LoadingCarafe;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * After {@code close()} every method but {@code close} and {@code health} throws {@code
 * IllegalStateException} (contract M4), also those of views, iterators and policies that were
 * created before. Reflection finds the methods, so that new ones are included.
 */
final class ClosedTest {
  /**
   * The methods that do not throw. An asynchronous cache has {@code health} in its synchronous
   * view.
   */
  private static final Set<String> ANSWER = Set.of("close", "health", "synchronous");

  /** Methods of views that every object has, or that are always unsupported. */
  private static final Set<String> NOT_OURS =
      Set.of("equals", "hashCode", "toString", "add", "addAll", "getClass");

  @TempDir Path directory;

  private CarafeBuilder<String, String> builder() {
    return Carafe.newBuilder()
        .keyCodec(Codec.utf8())
        .valueCodec(Codec.utf8())
        .memory(MIB)
        .executor(Runnable::run);
  }

  private CarafeBuilder<String, String> withFile(CarafeBuilder<String, String> builder) {
    return builder.file(FileOptions.at(directory.resolve("c"), 16L * MIB));
  }

  /** Returns an argument for a parameter type. */
  private static @Nullable Object argument(Class<?> type, boolean futures) {
    Object value = futures ? CompletableFuture.completedFuture("v") : "v";
    Map<Class<?>, @Nullable Object> arguments = new LinkedHashMap<>();
    arguments.put(int.class, 1);
    arguments.put(long.class, 1L);
    arguments.put(TimeUnit.class, TimeUnit.SECONDS);
    arguments.put(Duration.class, Duration.ofSeconds(1));
    arguments.put(Iterable.class, List.of("a"));
    arguments.put(Collection.class, List.of("a"));
    arguments.put(Map.class, Map.of("a", value));
    arguments.put(CompletableFuture.class, CompletableFuture.completedFuture("v"));
    arguments.put(Function.class, (Function<Object, @Nullable Object>) x -> value);
    arguments.put(BiFunction.class, (BiFunction<Object, Object, @Nullable Object>) (x, y) -> value);
    arguments.put(Consumer.class, (Consumer<Object>) x -> {});
    arguments.put(BiConsumer.class, (BiConsumer<Object, Object>) (x, y) -> {});
    arguments.put(Predicate.class, (Predicate<Object>) x -> true);
    arguments.put(UnaryOperator.class, (UnaryOperator<Object>) x -> x);
    arguments.put(IntFunction.class, (IntFunction<Object[]>) Object[]::new);
    arguments.put(Object[].class, new Object[0]);
    return arguments.getOrDefault(type, "a"); // a key
  }

  /**
   * Calls each method of an interface; adds those that do not throw {@code IllegalStateException}
   * to {@code answered}.
   */
  private static void call(Class<?> type, Object target, Set<String> left, List<String> answered) {
    boolean futures = target instanceof AsyncMapView || target instanceof AsyncCache;
    for (Method method : type.getMethods()) {
      if (left.contains(method.getName()) || Modifier.isStatic(method.getModifiers())) {
        continue;
      }
      @Nullable Object[] arguments =
          Arrays.stream(method.getParameterTypes()).map(each -> argument(each, futures)).toArray();
      if (futures && ConcurrentMap.class.isAssignableFrom(type)) {
        for (int i = 1; i < arguments.length; i++) {
          arguments[i] =
              "a".equals(arguments[i]) ? argument(CompletableFuture.class, true) : arguments[i];
        }
      }
      try {
        Object result = method.invoke(target, arguments);
        answered.add(
            method.getName()
                + " of "
                + target.getClass().getSimpleName()
                + (result == null ? "" : ": a " + result.getClass().getSimpleName()));
      } catch (InvocationTargetException e) {
        if (!(e.getCause() instanceof IllegalStateException)) {
          answered.add(method + " of " + target.getClass().getSimpleName() + ": " + e.getCause());
        }
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
  }

  private record Target(Class<?> type, Object object) {}

  private static void addPolicies(Policy<?, ?> policy, List<Target> targets) {
    targets.add(new Target(Policy.class, policy));
    Map<Class<?>, Optional<?>> each = new LinkedHashMap<>();
    each.put(Policy.Eviction.class, policy.eviction());
    each.put(Policy.FixedExpiration.class, policy.expireAfterWrite());
    each.put(Policy.VarExpiration.class, policy.expireVariably());
    each.put(Policy.FixedRefresh.class, policy.refreshAfterWrite());
    each.forEach((type, part) -> part.ifPresent(found -> targets.add(new Target(type, found))));
  }

  private static void addViews(Map<String, ?> map, List<Target> targets) {
    targets.add(new Target(ConcurrentMap.class, map));
    targets.add(new Target(Set.class, map.keySet()));
    targets.add(new Target(Collection.class, map.values()));
    targets.add(new Target(Set.class, map.entrySet()));
    for (Collection<?> view : List.of(map.keySet(), map.values(), map.entrySet())) {
      Iterator<?> iterator = view.iterator();
      iterator.next();
      targets.add(new Target(Iterator.class, iterator));
    }
  }

  private static void check(Carafe<String, String> cache, Object face) {
    cache.put("a", "v");
    cache.put("b", "v");
    List<Target> targets = new ArrayList<>();
    addPolicies(cache.policy(), targets);
    addViews(cache.asMap(), targets);
    if (face instanceof AsyncCarafe<?, ?> async) {
      addViews(MapView.<AsyncCarafe<String, String>>cast(async).asMap(), targets);
      targets.add(new Target(AsyncLoadingCarafe.class, face));
    }
    targets.add(
        new Target(cache instanceof LoadingCarafe ? LoadingCarafe.class : Carafe.class, cache));
    cache.close();
    List<String> answered = new ArrayList<>();
    for (Target target : targets) {
      boolean isCache = target.object() instanceof Cache || target.object() instanceof AsyncCache;
      call(target.type(), target.object(), isCache ? ANSWER : NOT_OURS, answered);
    }
    assertEquals("", String.join("\n", answered));
    assertTrue(cache.health().toString().contains("CLOSED"));
    cache.close();
  }

  @Test
  void inMemory() {
    Carafe<String, String> cache = builder().expireAfterWrite(Duration.ofDays(1)).build();
    check(cache, cache);
  }

  @Test
  void loadingWithAFile() {
    LoadingCarafe<String, String> cache =
        withFile(builder()).refreshAfterWrite(Duration.ofDays(1)).build(key -> key);
    check(cache, cache);
  }

  @Test
  void asynchronously() {
    AsyncLoadingCarafe<String, String> cache =
        withFile(builder())
            .expireAfter(
                com.github.benmanes.caffeine.cache.Expiry.<String, String>writing(
                    (key, value) -> Duration.ofDays(1)))
            .buildAsync(key -> key);
    check(cache.synchronous(), cache);
  }
}
