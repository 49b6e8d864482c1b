package dev.carafe.hotrod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.RemoteCacheManager;
import org.infinispan.client.hotrod.exceptions.HotRodClientException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rounds of writers and readers of several near caches, while connections are cut, the server is
 * restarted, near caches are closed and opened again from their files, and values of the files are
 * verified. Every value has the number of its write, which grows with each write of the key. No
 * read gives an older value than the last completed write of the key by the same client. After each
 * round every near cache becomes equal to the server, and is still equal when its values are read
 * from the near tier.
 */
class NearStalenessTest {
  private static final boolean LONG = Boolean.getBoolean("carafe.test.soak");
  private static final int KEYS = 64;
  private static final int NEARS = 3;
  private static final int READERS = 2;
  private static final int WRITERS = 2;
  private static final int WRITES = 60;
  private static final int LEAST_ROUNDS = 5;

  /** After this time, no round begins. */
  private static final long MOST_SECONDS = LONG ? 600 : 1;

  @TempDir Path folder;
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final ReentrantLock[] writing = new ReentrantLock[KEYS];
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLongArray removals = new AtomicLongArray(KEYS);
  private final LongAdder reads = new LongAdder();

  /** Its write lock is held while connections are cut: a write that is lost would be repeated. */
  private final ReentrantReadWriteLock cutting = new ReentrantReadWriteLock();

  private static String value(long number) {
    return number + ":" + "x".repeat((int) (number * 37 % 2000));
  }

  private static long number(String value) {
    return Long.parseLong(value.substring(0, value.indexOf(':')));
  }

  @Test
  @Timeout(900)
  void afterEachRoundNothingIsStale() throws Exception {
    long seed = Long.getLong("carafe.test.seed", new SplittableRandom().nextLong());
    try {
      run(new SplittableRandom(seed));
    } catch (AssertionError e) {
      throw new AssertionError("again with -Dcarafe.test.seed=" + seed + ": " + e.getMessage(), e);
    }
  }

  private void run(SplittableRandom random) throws Exception {
    for (int i = 0; i < KEYS; i++) {
      writing[i] = new ReentrantLock();
    }
    List<ReopenedNear> nears = new ArrayList<>();
    try (Server server = new Server();
        var manager = new RemoteCacheManager(server.otherClient().build());
        var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      RemoteCache<String, String> direct = manager.getCache(Server.CACHE);
      try {
        for (int i = 0; i < NEARS; i++) {
          nears.add(new ReopenedNear(server, folder, i, KEYS));
        }
        int rounds = 0;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
        while (rounds < LEAST_ROUNDS || System.nanoTime() - end < 0) {
          round(random, rounds++, server, direct, nears, threads);
        }
        if (LONG) {
          IO.println(rounds + " rounds, " + writes + " writes, " + reads + " reads");
        }
      } finally {
        nears.forEach(ReopenedNear::close);
      }
    }
  }

  private void round(
      SplittableRandom random,
      int round,
      Server server,
      RemoteCache<String, String> direct,
      List<ReopenedNear> nears,
      ExecutorService threads)
      throws Exception {
    List<Future<?>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      SplittableRandom own = random.split();
      writers.add(threads.submit(() -> write(own, direct, nears)));
    }
    List<Future<?>> readers = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      SplittableRandom own = random.split();
      readers.add(threads.submit(() -> read(own, nears, writers)));
    }
    LockSupport.parkNanos(random.nextInt(20_000_000));
    ReopenedNear near = nears.get(random.nextInt(NEARS));
    switch (round % 5) {
      case 0 -> {
        near.revalidate(); // and again after each loss
        disturb(server.proxy::cut);
      }
      case 1 -> {
        near.reopen();
        near.revalidate();
      }
      case 2 -> disturb(server.proxy::cut);
      case 3 ->
          disturb(() -> {
            server.stop();
            server.start();
          });
      default -> near.reopen();
    }
    for (Future<?> writer : writers) {
      writer.get();
    }
    for (Future<?> reader : readers) {
      reader.get();
    }
    assertEquals(List.of(), List.copyOf(wrong));
    for (ReopenedNear each : nears) {
      assertQuiescent(direct, each);
    }
  }

  private void disturb(Runnable action) {
    cutting.writeLock().lock();
    try {
      action.run();
    } finally {
      cutting.writeLock().unlock();
    }
  }

  private void write(
      SplittableRandom random, RemoteCache<String, String> direct, List<ReopenedNear> nears) {
    for (int i = 0; i < WRITES; i++) {
      int key = random.nextInt(KEYS);
      boolean isRemoval = random.nextInt(8) == 0;
      ReopenedNear near = random.nextInt(3) == 0 ? nears.get(random.nextInt(NEARS)) : null;
      writing[key].lock();
      try {
        long number = writes.incrementAndGet();
        if (isRemoval) {
          removals.set(key, number);
        }
        if (near == null) {
          cutting.readLock().lock();
          try {
            change(direct, key, number, isRemoval);
          } finally {
            cutting.readLock().unlock();
          }
        } else {
          changeBy(near, key, number, isRemoval);
        }
      } finally {
        writing[key].unlock();
      }
      LockSupport.parkNanos(random.nextInt(500_000));
    }
  }

  private void changeBy(ReopenedNear near, int key, long number, boolean isRemoval) {
    near.inUse.readLock().lock();
    cutting.readLock().lock();
    try {
      change(near.near().cache, key, number, isRemoval);
      near.written.set(key, number);
    } finally {
      cutting.readLock().unlock();
      near.inUse.readLock().unlock();
    }
  }

  private static void change(
      RemoteCache<String, String> cache, int key, long number, boolean isRemoval) {
    if (isRemoval) {
      cache.remove("k" + key);
    } else {
      cache.put("k" + key, value(number));
    }
  }

  private void read(SplittableRandom random, List<ReopenedNear> nears, List<Future<?>> writers) {
    while (wrong.isEmpty() && !writers.stream().allMatch(Future::isDone)) {
      ReopenedNear near = nears.get(random.nextInt(NEARS));
      if (!near.inUse.readLock().tryLock()) {
        continue;
      }
      try {
        // Squared: a few keys are read often.
        int key = (int) (KEYS * Math.pow(random.nextDouble(), 2));
        long atLeast = near.written.get(key);
        check(near, key, atLeast, near.near().cache.get("k" + key));
      } catch (HotRodClientException e) {
        Thread.onSpinWait(); // cut off
      } finally {
        near.inUse.readLock().unlock();
      }
    }
  }

  private void check(ReopenedNear near, int key, long atLeast, @Nullable String value) {
    reads.increment();
    long number = value == null ? removals.get(key) : number(value);
    if (number < atLeast) {
      wrong.add("near %d, k%d: %s after %d".formatted(near.number, key, value, atLeast));
    }
    if (value != null && !value.equals(value(number))) {
      wrong.add("near %d, k%d: another value of write %d".formatted(near.number, key, number));
    }
  }

  private static void assertQuiescent(RemoteCache<String, String> direct, ReopenedNear near) {
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add("k" + i);
    }
    Map<String, String> server = new TreeMap<>(direct.getAll(keys));
    Map<String, String> found = Map.of();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!server.equals(found) && System.nanoTime() < deadline) {
      found = read(near, keys);
    }
    assertEquals(server, found, () -> "near " + near.number);
    long hits = near.near().stats().hits();
    Server.eventually(
        "a read of the near tier",
        () -> {
          assertEquals(server, read(near, keys), () -> "near " + near.number);
          return near.near().stats().hits() > hits;
        });
    assertTrue(near.near().stats().hits() > hits);
  }

  private static Map<String, String> read(ReopenedNear near, Set<String> keys) {
    Map<String, String> found = new TreeMap<>();
    for (String key : keys) {
      String value = near.near().cache.get(key);
      if (value != null) {
        found.put(key, value);
      }
    }
    return found;
  }
}
