package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.FileOptions.Io;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With a scheduler, expired entries are removed and listeners notified without an operation of the
 * cache.
 */
final class PromptExpiryTest {
  private static final Duration LIFE = Duration.ofMinutes(10);

  @TempDir Path directory;
  private final BlockingQueue<Long> notifications = new LinkedBlockingQueue<>();

  private CarafeBuilder<Long, byte[]> recordNotifications(CarafeBuilder<Long, byte[]> builder) {
    return builder
        .executor(Runnable::run)
        .removalListener((@Nullable Long key, byte @Nullable [] value, RemovalCause cause) -> {
          if (cause == RemovalCause.EXPIRED && key != null && value != null) {
            notifications.add(key);
          }
        });
  }

  private CarafeBuilder<Long, byte[]> overFile() {
    return Caches.builder(MIB, directory.resolve("c"), 16 * MIB, Io.AUTO);
  }

  private void assertTold(long key) throws InterruptedException {
    assertEquals(key, notifications.poll(30, TimeUnit.SECONDS));
  }

  @Test
  void bySystemSchedulerInMemoryAlone() throws InterruptedException {
    try (Carafe<Long, byte[]> cache =
        recordNotifications(Caches.builder(MIB))
            .expireAfterWrite(Duration.ofMillis(50))
            .scheduler(Scheduler.systemScheduler())
            .build()) {
      cache.put(1L, new byte[1]);
      assertTold(1);
    }
  }

  @Test
  void bySystemSchedulerInMemoryOverAFile() throws InterruptedException {
    try (Carafe<Long, byte[]> cache =
        recordNotifications(overFile())
            .expireAfterWrite(Duration.ofMillis(50))
            .scheduler(Scheduler.systemScheduler())
            .build()) {
      cache.put(1L, new byte[1]);
      assertTold(1);
      var _ = cache.get(2L, key -> new byte[2]); // in both tiers
      assertTold(2);
    }
  }

  /** A scheduler whose time the test advances. */
  private static final class Schedule implements Scheduler {
    private final List<Task> tasks = new CopyOnWriteArrayList<>();

    private record Task(Runnable command, long nanos) {}

    @Override
    public Future<?> schedule(Executor executor, Runnable command, long delay, TimeUnit unit) {
      tasks.add(new Task(command, unit.toNanos(delay)));
      return new CompletableFuture<>();
    }

    /** Runs the tasks that are due within a time. Tasks that they schedule run in the next call. */
    void runWithin(Duration time) {
      List<Task> due = tasks.stream().filter(task -> task.nanos() <= time.toNanos()).toList();
      tasks.removeAll(due);
      due.forEach(task -> task.command().run());
    }
  }

  /**
   * Most of these records are only in the file. Their extents are freed within a minute after the
   * last record of an extent has expired, oldest extent first. The open extent is not freed.
   */
  @Test
  void inTheFileWithinAMinute() throws InterruptedException {
    AtomicLong clock = new AtomicLong(System.nanoTime());
    Schedule schedule = new Schedule();
    int keys = 1_000;
    try (Carafe<Long, byte[]> cache =
        recordNotifications(overFile())
            .ticker(clock::get)
            .expireAfterWrite(LIFE)
            .scheduler(schedule)
            .build()) {
      for (long key = 0; key < keys; key++) { // ten times what memory holds
        cache.put(key, value(key, 0, 10_000));
      }
      cache.flush();
      clock.addAndGet(LIFE.toNanos() + 1);
      schedule.runWithin(LIFE.plusMinutes(1));
      int count = 0;
      while (notifications.poll(count < keys * 3 / 4 ? 30_000 : 500, TimeUnit.MILLISECONDS)
          != null) {
        count++;
      }
      int seen = count;
      assertTrue(seen >= keys * 3 / 4, () -> seen + " were notified without a call of the cache");
      for (long key = 0; key < keys; key++) {
        assertEquals(null, cache.getIfPresent(key));
      }
      cache.cleanUp();
      assertEquals(keys, seen + notifications.size());
    }
  }
}
