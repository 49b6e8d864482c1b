package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.Health;
import dev.carafe.base.Soak;
import dev.carafe.base.Structures;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The heap is exhausted repeatedly while threads use a cache with a file (contract F5). No call
 * hangs, no value is stale, and the structures are consistent afterwards.
 */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HeapExhaustionTest {
  /** Below the limit of the test, so that a child that hangs prints its threads. */
  private static final Duration BOUND = Duration.ofSeconds(Soak.times(60, 160));

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "CHANNEL"})
  void errorsKeepBothTiersConsistent(Io io) throws Exception {
    Process child =
        ChildJvm.of(
                List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "-Xmx48m",
                    "-XX:-EliminateAllocations", // else the JVM may skip finally blocks: FAULTS
                    "-Dcarafe.invariants=true"),
                Exhausted.class,
                directory.resolve("c.carafe").toString(),
                io.name(),
                String.valueOf(Soak.times(3, 60)),
                String.valueOf(Soak.seed()))
            .start();
    String output = ChildJvm.outputWithin(BOUND, child);
    assertEquals(0, child.waitFor(), output);
    assertTrue(output.contains("whole"), output);
  }

  /** The child process. */
  static final class Exhausted {
    private static final int THREADS = 3;
    private static final int KEYS = 1500;
    private static final int VALUE_BYTES = 1500;
    private static final int WARM_OPERATIONS = 5_000;
    private static final System.Logger LOG = System.getLogger("dev.carafe");
    private static final int HOG_OBJECTS = 100_000;

    private static final AtomicBoolean STOP = new AtomicBoolean();
    private static final AtomicReference<@Nullable String> FAILURE = new AtomicReference<>();
    private static final AtomicReference<Object @Nullable []> HELD = new AtomicReference<>();

    private Exhausted() {}

    /**
     * Runs the load.
     *
     * @param args file, device, seconds, seed
     */
    public static void main(String[] args) throws InterruptedException {
      FileOptions file = FileOptions.at(Path.of(args[0]), 6 << 20).withIo(Io.valueOf(args[1]));
      long seed = Long.parseLong(args[3]);
      System.out.println("seed " + seed);
      try (Carafe<Long, byte[]> cache = Caches.builder(1 << 20).file(file).build()) {
        for (long key = 0; key < KEYS; key++) {
          cache.put(key, value(key, 0));
        }
        long nanos = TimeUnit.SECONDS.toNanos(Long.parseLong(args[2]));
        Thread hog = new Thread(Exhausted::exhaust, "hog");
        Thread[] workers = new Thread[THREADS];
        for (int i = 0; i < THREADS; i++) {
          Worker worker = new Worker(cache, i, new SplittableRandom(seed + i));
          for (int times = 0; times < WARM_OPERATIONS; times++) {
            worker.operate(); // classes are loaded and call sites linked while there is heap
          }
          workers[i] = new Thread(worker::run, "worker-" + i);
          workers[i].start();
        }
        LOG.log(System.Logger.Level.INFO, "the logger's classes are loaded");
        hog.start();
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
          LockSupport.parkNanos(end - System.nanoTime());
        }
        STOP.set(true);
        hog.join();
        HELD.set(null);
        for (Thread worker : workers) {
          worker.join(); // if it hangs, the parent prints all stacks
        }
        String failure = FAILURE.get();
        require(failure == null, String.valueOf(failure));
        checkSound(cache);
      }
      System.out.println("whole");
    }

    private static void checkSound(Carafe<Long, byte[]> cache) {
      while (!flushes(cache) || file(cache).state() != Health.State.OK) {
        // a write that failed is repeated after 0.5 s; until then, evicted values are dropped
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, value(key, 1 << 30));
      }
      cache.flush();
      require(file(cache).state() == Health.State.OK, file(cache).toString());
      for (long key = 0; key < KEYS; key++) {
        byte[] seen = cache.getIfPresent(key);
        require(
            seen != null && versionOf(seen) == 1 << 30,
            "key " + key + " is not there: " + file(cache));
      }
      Structures.checkOpen();
      List<Throwable> broken = Structures.takeBroken();
      require(broken.isEmpty(), broken.toString());
    }

    private static boolean flushes(Carafe<Long, byte[]> cache) {
      try {
        cache.flush();
        return true;
      } catch (DeviceException e) {
        return false;
      }
    }

    private static Health.Tier file(Carafe<Long, byte[]> cache) {
      return Objects.requireNonNull(cache.health().file());
    }

    private static void require(boolean holds, String message) {
      if (!holds) {
        System.out.println(message);
        Runtime.getRuntime().halt(1);
      }
    }

    private static byte[] value(long key, int version) {
      byte[] value = new byte[VALUE_BYTES];
      new SplittableRandom(key * 31 + version).nextBytes(value);
      ByteBuffer.wrap(value).putInt(version);
      return value;
    }

    private static int versionOf(byte[] value) {
      return ByteBuffer.wrap(value).getInt();
    }

    /** Fills the heap with ever smaller arrays, keeps them for a while, and releases them. */
    private static void exhaust() {
      Object[] objects = new Object[HOG_OBJECTS];
      while (!STOP.get()) {
        int count = 0;
        for (int bytes = 1 << 20; bytes >= 64; bytes >>= 2) {
          try {
            while (count < HOG_OBJECTS) {
              objects[count] = new byte[bytes];
              count++;
            }
          } catch (OutOfMemoryError e) {
            HELD.set(objects);
          }
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
        for (int i = 0; i < count; i++) {
          objects[i] = 0;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }

    /** A thread with its own keys. */
    private static final class Worker {
      private final Carafe<Long, byte[]> cache;
      private final int number;
      private final SplittableRandom random;
      private final int[] acknowledged = new int[KEYS];
      private int version;

      Worker(Carafe<Long, byte[]> cache, int number, SplittableRandom random) {
        this.cache = cache;
        this.number = number;
        this.random = random;
      }

      void run() {
        while (!STOP.get()) {
          try {
            operate();
          } catch (OutOfMemoryError | LinkageError e) { // a class could not be loaded
            Thread.onSpinWait();
          } catch (RuntimeException | Error e) {
            fail(e);
          }
        }
      }

      private static void fail(Throwable thrown) {
        try {
          FAILURE.compareAndSet(null, thrown + " at " + List.of(thrown.getStackTrace()));
        } catch (OutOfMemoryError e) {
          FAILURE.compareAndSet(null, "an exception, and no heap to name it");
        }
      }

      private void operate() {
        long key = (long) random.nextInt(KEYS / THREADS) * THREADS + number;
        int at = (int) key;
        switch (random.nextInt(10)) {
          case 0, 1, 2, 3, 4 -> {
            int mine = ++version;
            byte[] value = value(key, mine);
            cache.put(key, value);
            acknowledged[at] = mine;
          }
          case 5 -> {
            int mine = ++version;
            cache.invalidate(key);
            acknowledged[at] = mine;
          }
          default -> {
            byte[] seen = cache.getIfPresent(key);
            if (seen != null && versionOf(seen) < acknowledged[at]) {
              FAILURE.compareAndSet(null, "a value is older than acknowledged");
            }
          }
        }
      }
    }
  }
}
