package dev.carafe.hotrod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.RemoteCacheManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that are killed while they read and values change. Each leaves its file to the next
 * one, and in between to this process, which must read what the server has.
 */
class KilledNearTest {
  private static final int ROUNDS = Boolean.getBoolean("carafe.test.soak") ? 100 : 3;

  @TempDir Path folder;
  private long number;

  @Test
  @Timeout(1200)
  void aFileOfAKilledProcessGivesNothingOld() throws Exception {
    long seed = Long.getLong("carafe.test.seed", new SplittableRandom().nextLong());
    try {
      run(new SplittableRandom(seed));
    } catch (AssertionError e) {
      throw new AssertionError("again with -Dcarafe.test.seed=" + seed + ": " + e.getMessage(), e);
    }
  }

  private void run(SplittableRandom random) throws Exception {
    Path file = folder.resolve("near");
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < NearChild.KEYS; i++) {
      keys.add("k" + i);
    }
    try (Server server = new Server();
        var manager = new RemoteCacheManager(server.otherClient().build())) {
      RemoteCache<String, String> direct = manager.getCache(Server.CACHE);
      keys.forEach(key -> direct.put(key, value()));
      for (int round = 0; round < ROUNDS; round++) {
        readUntilKilled(random, server, file, direct);
        change(random, direct, random.nextInt(20));
        Map<String, String> expected = new TreeMap<>(direct.getAll(keys));
        try (Near near = Near.inFile(server, file)) {
          assertTrue(near.factory.near().estimatedSize() > 0, "the file is empty");
          if (random.nextInt(3) > 0) {
            near.factory.revalidate(near.cache, 1000);
          }
          assertEquals(expected, read(near, keys), "first reads of round " + round);
          assertEquals(expected, read(near, keys), "later reads of round " + round);
          assertTrue(near.stats().hits() > 0, () -> near.stats().toString());
        }
      }
    }
  }

  private String value() {
    number++;
    return number + ":" + "x".repeat((int) (number * 37 % 2000));
  }

  private void change(SplittableRandom random, RemoteCache<String, String> direct, int times) {
    for (int i = 0; i < times; i++) {
      String key = "k" + random.nextInt(NearChild.KEYS);
      if (random.nextInt(8) == 0) {
        direct.remove(key);
      } else {
        direct.put(key, value());
      }
    }
  }

  private static Map<String, String> read(Near near, Set<String> keys) {
    Map<String, String> found = new TreeMap<>();
    for (String key : keys) {
      String value = near.cache.get(key);
      if (value != null) {
        found.put(key, value);
      }
    }
    return found;
  }

  private void readUntilKilled(
      SplittableRandom random, Server server, Path file, RemoteCache<String, String> direct)
      throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                NearChild.class.getName(),
                String.valueOf(server.proxy.port()),
                file.toString(),
                String.valueOf(random.nextLong()))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
      StringBuilder seen = new StringBuilder();
      for (String line = output.readLine();
          !NearChild.READY.equals(line);
          line = output.readLine()) {
        assertTrue(line != null, () -> "the process ended: " + seen);
        seen.append(line).append('\n');
      }
      for (int i = random.nextInt(40); i > 0; i--) {
        change(random, direct, 1);
        LockSupport.parkNanos(random.nextInt(2_000_000));
      }
    } finally {
      child.destroyForcibly();
      assertTrue(child.waitFor(20, TimeUnit.SECONDS), "it was not killed");
    }
  }
}
