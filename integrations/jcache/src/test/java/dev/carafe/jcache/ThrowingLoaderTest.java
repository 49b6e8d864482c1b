package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CompletionListenerFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A loader or an entry processor that throws: the caller gets an exception each time (F5). */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ThrowingLoaderTest {
  private final CacheManager manager =
      Caching.getCachingProvider(CarafeCachingProvider.class.getName()).getCacheManager();

  @AfterEach
  void close() {
    manager.getCachingProvider().close();
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @Test
  void aLoaderMayThrowAnythingAndTheKeyStaysUsable() throws Exception {
    for (Throwable thrown :
        List.of(new IllegalStateException(), new IOException(), new StackOverflowError())) {
      Callable<Boolean> throwing =
          () -> {
            ThrowingLoaderTest.<RuntimeException>sneak(thrown);
            return true;
          };
      CacheLoader<String, String> loader =
          new CacheLoader<>() {
            @Override
            public String load(String key) {
              return fail();
            }

            @Override
            public Map<String, String> loadAll(Iterable<? extends String> keys) {
              return Map.of("k", fail());
            }

            private String fail() {
              ThrowingLoaderTest.<RuntimeException>sneak(thrown);
              return "never";
            }
          };
      Cache<String, String> cache =
          manager.createCache(
              "c",
              new MutableConfiguration<String, String>()
                  .setTypes(String.class, String.class)
                  .setReadThrough(true)
                  .setCacheLoaderFactory(() -> loader));
      Class<? extends Throwable> expected =
          thrown instanceof Error ? thrown.getClass() : CacheLoaderException.class;
      Class<? extends Throwable> processed =
          thrown instanceof Error ? thrown.getClass() : CacheException.class;
      for (int again = 0; again < 2; again++) { // and not pending at the second time
        assertThrows(expected, () -> cache.get("k"));
        assertThrows(expected, () -> cache.getAll(Set.of("k", "l")));
        CompletionListenerFuture done = new CompletionListenerFuture();
        cache.loadAll(Set.of("k"), true, done);
        ExecutionException failed = assertThrows(ExecutionException.class, done::get);
        assertInstanceOf(CacheLoaderException.class, failed.getCause());
        assertThrows(processed, () -> cache.invoke("k", (entry, none) -> call(throwing)));
      }
      cache.put("k", "v");
      assertEquals("v", cache.get("k"));
      manager.destroyCache("c");
    }
  }

  private static boolean call(Callable<Boolean> callable) {
    try {
      return callable.call();
    } catch (Exception e) {
      ThrowingLoaderTest.<RuntimeException>sneak(e);
      return false;
    }
  }
}
