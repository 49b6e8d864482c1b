package dev.carafe.springboot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.CarafeStore;
import dev.carafe.DeviceException;
import dev.carafe.springboot.Library.Books;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;

/** An application with a web server and the actuator: its caches, health and metrics over HTTP. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HttpTest {
  private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");

  @TempDir Path directory;

  private ConfigurableApplicationContext start(String... properties) {
    List<String> all = new ArrayList<>(List.of(properties));
    all.add("carafe.file=" + directory.resolve("library.carafe"));
    all.add("carafe.file-size=16MB");
    all.add("carafe.compression=none");
    all.add("carafe.scrub-period=7d");
    all.add("carafe.write-budget=1GB");
    all.add("carafe.caches.books.expire-after-write=1h");
    return Boot.web(Library.class, all.toArray(String[]::new));
  }

  @Test
  void aCachedAnswerSurvivesARestartAndTheActuatorShowsIt() throws Exception {
    String book;
    try (var application = start()) {
      book = Boot.get(application, "/books/7");
      assertEquals(book, Boot.get(application, "/books/7"));
      assertEquals("{\"id\":7,\"copy\":1}", book);
      assertEquals(1, application.getBean(Books.class).calls());
      String gets = "/actuator/metrics/cache.gets?tag=cache:books&tag=result:";
      assertEquals(1, measured(application, gets + "hit"));
      assertEquals(1, measured(application, gets + "miss"));
      String health = Boot.get(application, "/actuator/health");
      assertTrue(health.contains("\"carafe\":{\"details\":{"), health);
      assertTrue(health.contains("\"file\":\"OK\""), health);
    }
    try (var application = start()) {
      assertEquals(book, Boot.get(application, "/books/7"));
      assertEquals(0, application.getBean(Books.class).calls());
      String gets = "/actuator/metrics/carafe.gets?tag=cache:books&tag=tier:";
      assertEquals(1, measured(application, gets + "file"));
      String capacity = "/actuator/metrics/carafe.store.capacity?tag=store:carafeStore&tag=tier:";
      assertEquals(16 << 20, measured(application, capacity + "file"));
      assertEquals(64 << 20, measured(application, capacity + "memory"));
      String health = "/actuator/metrics/carafe.store.health?tag=tier:file";
      assertEquals(1, measured(application, health));
      String caches = Boot.get(application, "/actuator/caches");
      assertTrue(caches.contains("\"books\""), caches);
    }
  }

  /** Boot itself binds the meters of the caches that exist at the start only. */
  @Test
  void aCacheThatIsOpenedLaterHasMeters() throws Exception {
    try (var application = start()) {
      Books books = application.getBean(Books.class);
      for (int i = 0; i < 3; i++) {
        var _ = books.shelf("a", "b");
      }
      String tags = "?tag=cache:shelves&tag=result:hit";
      assertEquals(2, measured(application, "/actuator/metrics/cache.gets" + tags));
      assertEquals(
          2, measured(application, "/actuator/metrics/carafe.gets" + tags + "&tag=tier:memory"));
    }
  }

  /** Micrometer warns of the first meter that is bound again. */
  @Test
  void eachMeterIsBoundOnce() {
    PrintStream console = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, UTF_8));
    try (var application = start("logging.level.io.micrometer=warn")) {
      MeterRegistry registry = application.getBean(MeterRegistry.class);
      assertEquals(1, registry.find("cache.size").tag("cache", "books").meters().size());
      for (int i = 0; i < 2; i++) {
        Gauge.builder("bound.again", () -> 1).register(registry);
      }
    } finally {
      System.setOut(console);
    }
    List<String> warnings =
        said.toString(UTF_8).lines().filter(line -> line.contains("already registered")).toList();
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.getFirst().contains("bound.again"), warnings::toString);
  }

  private static double measured(ConfigurableApplicationContext application, String meter)
      throws IOException, InterruptedException {
    String json = Boot.get(application, meter);
    String before = "\"value\":";
    int start = json.indexOf(before);
    assertTrue(start > 0, json);
    return Double.parseDouble(json.substring(start + before.length(), json.indexOf('}', start)));
  }

  @Test
  void aRequestThatIsUnderWayAtTheEndIsCached() throws Exception {
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      ConfigurableApplicationContext application = start();
      Books books = application.getBean(Books.class);
      URI page = Boot.page(application, "/slow/x");
      Future<String> answer = threads.submit(() -> Boot.get(page));
      books.awaitSlow();
      Future<?> closing = threads.submit(application::close);
      for (int i = 0; accepts(page) && i < 20_000; i++) {
        LockSupport.parkNanos(1_000_000);
      }
      assertFalse(accepts(page));
      assertFalse(answer.isDone() || closing.isDone());
      books.release();
      assertEquals("x1", answer.get(30, TimeUnit.SECONDS));
      assertEquals(null, closing.get(30, TimeUnit.SECONDS));
    }
    try (var application = start()) {
      assertEquals("x1", application.getBean(Books.class).slow("x"));
      assertEquals(0, application.getBean(Books.class).calls());
    }
  }

  private static boolean accepts(URI page) throws IOException {
    try (Socket socket = new Socket(page.getHost(), page.getPort())) {
      return socket.isConnected();
    } catch (ConnectException e) { // refused: the server stops
      return false;
    }
  }

  /** The limit of this process stands for a full disk (contract F1). */
  @Test
  void healthShowsWhyTheFileFails() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(PRLIMIT), "no prlimit to set the limit with");
    try (var application = start()) {
      CarafeStore store = application.getBean(CarafeStore.class);
      Cache books =
          Objects.requireNonNull(application.getBean(CacheManager.class).getCache("books"));
      limitFiles("1048576");
      try {
        fillUntilRefused(store, books);
        String health = Boot.get(application, "/actuator/health");
        assertTrue(health.contains("\"status\":\"DEGRADED\""), health);
        assertTrue(health.contains("\"file\":\"DEGRADED\",\"fileReason\":\""), health);
        assertTrue(health.endsWith("\"status\":\"UP\"}"), health);
        assertEquals("{\"id\":1,\"copy\":1}", Boot.get(application, "/books/1"));
      } finally {
        limitFiles("unlimited");
      }
    }
  }

  private static void fillUntilRefused(CarafeStore store, Cache books) {
    byte[] value = new byte[100_000];
    RandomGenerator.of("L64X128MixRandom").nextBytes(value);
    for (long id = 1_000; id < 1_400; id++) {
      books.put(id, value);
      try {
        store.flush();
      } catch (DeviceException e) {
        return;
      }
    }
    throw new AssertionError("40 MB fit 1 MiB");
  }

  private static void limitFiles(String soft) throws IOException, InterruptedException {
    String self = String.valueOf(ProcessHandle.current().pid());
    Process prlimit =
        new ProcessBuilder(PRLIMIT.toString(), "--fsize=" + soft + ":unlimited", "--pid", self)
            .inheritIO()
            .start();
    assertEquals(0, prlimit.waitFor());
  }
}
