package dev.carafe.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.redis.testing.RedisForTests;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers and readers of several near caches, while connections are cut, the server is flushed or
 * restarted, and near caches are closed and opened again from their files. Every value has the
 * version of its write, which grows with each write of the key. A read must not give
 *
 * <ul>
 *   <li>an older version than an earlier read of the key by the same near cache,
 *   <li>an older version than a completed write of the key by the same near cache,
 *   <li>an older version than a write that the server had acknowledged more than {@code maxLag}
 *       before.
 * </ul>
 *
 * <p>After the last write every near cache must become equal to the server.
 */
class NearStalenessTest {
  private static final boolean LONG = Boolean.getBoolean("carafe.test.soak");
  private static final Duration MAX_LAG = Duration.ofMillis(500);
  private static final int KEYS = 64;
  private static final int NEARS = 3;
  private static final int READERS = 4;
  private static final int WRITERS = 3;
  private static final int READS = LONG ? 1_000_000 : 20_000;

  /** The brief form ends after this time on a machine that is busy. */
  private static final long MOST_SECONDS = LONG ? 1200 : 8;

  @TempDir Path folder;
  private final LongAdder reads = new LongAdder();
  private final AtomicInteger disturbances = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
  private volatile boolean writing = true;

  private static String value(long version) {
    // Some are compared by a digest, some are sent again.
    return version + ":" + "x".repeat((int) (version * 37 % 2000));
  }

  private static long version(String value) {
    return Long.parseLong(value.substring(0, value.indexOf(':')));
  }

  @Test
  void noReadGoesBack() throws Exception {
    long seed = Long.getLong("carafe.test.seed", new SplittableRandom().nextLong());
    try {
      run(new SplittableRandom(seed));
    } catch (AssertionError e) {
      throw new AssertionError("again with -Dcarafe.test.seed=" + seed + ": " + e.getMessage(), e);
    }
  }

  private void run(SplittableRandom random) throws Exception {
    List<Writes> written = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      written.add(new Writes());
    }
    List<ReopenedNear> nears = new ArrayList<>();
    try (RedisForTests server = new RedisForTests(folder);
        var connection = server.connect();
        var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      for (int i = 0; i < NEARS; i++) {
        nears.add(new ReopenedNear(server, folder, i, KEYS, MAX_LAG));
      }
      List<Future<?>> writers = new ArrayList<>();
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        SplittableRandom own = random.split();
        StatefulRedisConnection<String, String> direct = server.connect();
        writers.add(threads.submit(() -> write(own, direct.sync(), nears, written)));
      }
      for (int i = 0; i < READERS; i++) {
        SplittableRandom own = random.split();
        readers.add(threads.submit(() -> read(own, nears, written)));
      }
      disturb(random.split(), server, connection.sync(), nears, readers);
      for (Future<?> reader : readers) {
        reader.get();
      }
      writing = false;
      for (Future<?> writer : writers) {
        writer.get();
      }
      assertEquals(List.of(), List.copyOf(wrong));
      assertQuiescent(connection.sync(), nears, written);
    } finally {
      writing = false;
      nears.forEach(ReopenedNear::close);
    }
  }

  private void write(
      SplittableRandom random,
      RedisCommands<String, String> direct,
      List<ReopenedNear> nears,
      List<Writes> written) {
    while (writing) {
      int key = random.nextInt(KEYS);
      ReopenedNear near = random.nextInt(4) == 0 ? nears.get(random.nextInt(NEARS)) : null;
      Writes writes = written.get(key);
      writes.writing.lock();
      try {
        long version = writes.next();
        boolean acknowledged = false;
        while (!acknowledged && writing) {
          acknowledged = written(direct, near, key, version);
        }
        if (acknowledged) {
          writes.acknowledge(version);
        }
      } finally {
        writes.writing.unlock();
      }
      LockSupport.parkNanos(random.nextInt(1_000_000));
    }
  }

  /** Returns whether a write was acknowledged; without that it may have been done. */
  private static boolean written(
      RedisCommands<String, String> direct, @Nullable ReopenedNear near, int key, long version) {
    try {
      if (near == null) {
        direct.set("k" + key, value(version));
        return true;
      }
      if (near.inUse.readLock().tryLock()) {
        try {
          near.cache().put("k" + key, value(version));
          near.seen.accumulateAndGet(key, version, Math::max);
          return true;
        } finally {
          near.inUse.readLock().unlock();
        }
      }
    } catch (RedisException e) {
      Thread.onSpinWait(); // cut off: again
    }
    return false;
  }

  private void read(SplittableRandom random, List<ReopenedNear> nears, List<Writes> written) {
    while (wrong.isEmpty() && !isDone()) {
      ReopenedNear near = nears.get(random.nextInt(NEARS));
      if (!near.inUse.readLock().tryLock()) {
        continue;
      }
      try {
        if (random.nextInt(10) == 0) {
          readMany(random, near, written);
        } else {
          // Squared: a few keys are read often.
          int key = (int) (KEYS * Math.pow(random.nextDouble(), 2));
          long atLeast = Math.max(near.seen.get(key), acknowledged(written, key));
          check(near, key, atLeast, near.cache().get("k" + key));
        }
      } catch (RedisException e) {
        Thread.onSpinWait(); // cut off
      } finally {
        near.inUse.readLock().unlock();
      }
    }
  }

  private boolean isDone() {
    return disturbances.get() >= 4 && (reads.sum() >= READS || System.nanoTime() - end > 0);
  }

  private void readMany(SplittableRandom random, ReopenedNear near, List<Writes> written) {
    int first = random.nextInt(KEYS - 8);
    long[] atLeast = new long[8];
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      atLeast[i] = Math.max(near.seen.get(first + i), acknowledged(written, first + i));
      keys.add("k" + (first + i));
    }
    Map<String, String> found = near.cache().getAll(keys);
    for (int i = 0; i < 8; i++) {
      check(near, first + i, atLeast[i], found.get(keys.get(i)));
    }
  }

  private static long acknowledged(List<Writes> written, int key) {
    return written.get(key).before(System.nanoTime() - MAX_LAG.toNanos());
  }

  private void check(ReopenedNear near, int key, long atLeast, @Nullable String value) {
    reads.increment();
    long version = value == null ? 0 : version(value);
    if (version < atLeast) {
      wrong.add("near %d, k%d: %d after %d".formatted(near.number, key, version, atLeast));
    }
    if (value != null && !value.equals(value(version))) {
      wrong.add("near %d, k%d: another value of version %d".formatted(near.number, key, version));
    }
    near.seen.accumulateAndGet(key, version, Math::max);
  }

  /** Cuts connections, restarts the server and reopens near caches until the readers are done. */
  private void disturb(
      SplittableRandom random,
      RedisForTests server,
      RedisCommands<String, String> commands,
      List<ReopenedNear> nears,
      List<Future<?>> readers)
      throws Exception {
    while (!readers.stream().allMatch(Future::isDone)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50 + random.nextInt(200)));
      switch (disturbances.get() % 4) {
        case 0, 2 -> RedisForTests.killTracking(commands);
        case 1 -> nears.get(random.nextInt(NEARS)).reopen();
        default -> {
          server.stop();
          server.start();
        }
      }
      disturbances.incrementAndGet();
    }
  }

  private static void assertQuiescent(
      RedisCommands<String, String> commands, List<ReopenedNear> nears, List<Writes> written)
      throws Exception {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add("k" + i);
    }
    for (ReopenedNear near : nears) {
      Map<String, String> server = Map.of();
      Map<String, String> found = null;
      long deadline = System.nanoTime() + MAX_LAG.toNanos() + TimeUnit.SECONDS.toNanos(20);
      while (!server.equals(found) && System.nanoTime() < deadline) {
        server = new HashMap<>();
        for (var entry : commands.mget(keys.toArray(String[]::new))) {
          if (entry.hasValue()) {
            server.put(entry.getKey(), entry.getValue());
          }
        }
        found = near.cache().getAll(keys);
      }
      assertEquals(server, found);
      long hits = near.cache().stats().nearHits();
      assertEquals(server, near.cache().getAll(keys), "now from the near tier");
      assertTrue(near.cache().stats().nearHits() > hits, () -> near.cache().stats().toString());
    }
    for (int i = 0; i < KEYS; i++) {
      String value = nears.get(0).cache().get("k" + i);
      long version = value == null ? 0 : version(value);
      assertTrue(version >= written.get(i).latest(), "a write was lost: k" + i);
    }
  }
}
