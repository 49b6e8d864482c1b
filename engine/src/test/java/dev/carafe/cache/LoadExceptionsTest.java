package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.carafe.CarafeBuilder;
import dev.carafe.base.LogsOff;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Exceptions of loaders reach the callers as in Caffeine, and leave no load under way (F4, F5). */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("FutureReturnValueIgnored") // outcome reads the result of a call
@LogsOff
final class LoadExceptionsTest {

  @TempDir Path directory;
  private int files;

  private CarafeBuilder<String, String> builder(boolean file) {
    return Caches.strings(file ? directory.resolve("f" + files++) : null);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable, R> R sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private static List<Throwable> shapes() {
    return List.of(
        new IllegalStateException("x"),
        new IOException("x"),
        new AssertionError("x"),
        new CompletionException(new IOException("x")),
        new CancellationException("x"),
        new StackOverflowError("x"));
  }

  /**
   * Returns the result of a call as text: a value, or the classes of the exception and its causes.
   */
  private static String outcome(Callable<?> call) {
    try {
      Object given = call.call();
      return "" + (given instanceof CompletableFuture<?> f ? f.get(20, TimeUnit.SECONDS) : given);
    } catch (Throwable t) {
      StringBuilder notifications = new StringBuilder();
      for (Throwable next = t; next != null; next = next.getCause()) {
        notifications.append(next.getClass().getSimpleName()).append(' ');
      }
      return notifications.toString();
    }
  }

  private static CacheLoader<String, String> throwing(Throwable thrown) {
    return new CacheLoader<>() {
      @Override
      public String load(String key) {
        return LoadExceptionsTest.<RuntimeException, String>sneak(thrown);
      }

      @Override
      public Map<String, String> loadAll(Set<? extends String> keys) {
        return LoadExceptionsTest.<RuntimeException, Map<String, String>>sneak(thrown);
      }
    };
  }

  private static Map<String, Function<LoadingCache<String, String>, Object>> calls(Throwable t) {
    Map<String, Function<LoadingCache<String, String>, Object>> calls = new LinkedHashMap<>();
    calls.put("get", c -> c.get("k"));
    calls.put("getAll", c -> c.getAll(List.of("k", "l")));
    calls.put(
        "get by function",
        c -> c.get("k", k -> LoadExceptionsTest.<RuntimeException, String>sneak(t)));
    calls.put("refresh", c -> c.refresh("k"));
    calls.put(
        "computeIfAbsent",
        c ->
            c.asMap()
                .computeIfAbsent("k", k -> LoadExceptionsTest.<RuntimeException, String>sneak(t)));
    calls.put(
        "compute",
        c ->
            c.asMap()
                .compute("k", (k, v) -> LoadExceptionsTest.<RuntimeException, String>sneak(t)));
    return calls;
  }

  private static Map<String, Function<AsyncLoadingCache<String, String>, Object>> asyncCalls(
      Throwable t) {
    Map<String, Function<AsyncLoadingCache<String, String>, Object>> calls = new LinkedHashMap<>();
    calls.put("get", c -> c.get("k"));
    calls.put("getAll", c -> c.getAll(List.of("k", "l")));
    calls.put(
        "thrown at once",
        c ->
            c.get(
                "k",
                (k, e) ->
                    LoadExceptionsTest.<RuntimeException, CompletableFuture<String>>sneak(t)));
    calls.put("failed future", c -> c.get("k", (k, e) -> CompletableFuture.failedFuture(t)));
    calls.put(
        "bulk, thrown at once",
        c ->
            c.getAll(
                List.of("k", "l"),
                (k, e) ->
                    LoadExceptionsTest
                        .<RuntimeException, CompletableFuture<Map<String, String>>>sneak(t)));
    calls.put(
        "bulk, failed future",
        c -> c.getAll(List.of("k", "l"), (k, e) -> CompletableFuture.failedFuture(t)));
    calls.put(
        "bulk, future of null",
        c -> c.getAll(List.of("k", "l"), (k, e) -> CompletableFuture.completedFuture(null)));
    return calls;
  }

  @Test
  void loaderExceptionsReachCallersAsInCaffeine() {
    for (boolean file : new boolean[] {false, true}) {
      for (Throwable thrown : shapes()) {
        LoadingCache<String, String> theirs = Caffeine.newBuilder().build(throwing(thrown));
        AsyncLoadingCache<String, String> theirFutures =
            Caffeine.newBuilder().buildAsync(throwing(thrown));
        try (var ours = builder(file).build(throwing(thrown));
            var futures = builder(file).buildAsync(throwing(thrown))) {
          calls(thrown)
              .forEach((name, call) -> {
                String what = name + " throwing " + thrown + ", file " + file;
                assertEquals(
                    outcome(() -> call.apply(theirs)), outcome(() -> call.apply(ours)), what);
                assertEquals(
                    outcome(() -> call.apply(theirFutures.synchronous())),
                    outcome(() -> call.apply(futures.synchronous())),
                    () -> what + ", by the view of futures");
              });
          asyncCalls(thrown)
              .forEach((name, call) ->
                  assertEquals(
                      outcome(() -> call.apply(theirFutures)),
                      outcome(() -> call.apply(futures)),
                      () -> name + " throwing " + thrown + ", file " + file));
          FlightsTest.checkNoLoadIsUnderWay(ours);
          FlightsTest.checkNoLoadIsUnderWay(futures);
          assertEquals("ok", ours.get("k", k -> "ok"));
          assertEquals("ok", futures.get("k", k -> "ok").join());
        }
      }
    }
  }
}
