package dev.carafe.cache;

import dev.carafe.DeviceException;
import dev.carafe.cache.CrashJournal.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writers that each change their own keys, and a thread that flushes, until the process is killed.
 */
final class CrashLoad {
  private static final int CHANGES_PER_REMOVED_CACHE = 100;

  private final CrashTarget target;
  private final CrashJournal journal;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean countsFlushes = true;
  private final List<FutureTask<Boolean>> tasks = new ArrayList<>();

  CrashLoad(CrashTarget target, CrashJournal journal, SplittableRandom random) {
    this.target = target;
    this.journal = journal;
    for (int writer = 0; writer < CrashJournal.WRITERS; writer++) {
      int me = writer;
      SplittableRandom own = random.split();
      tasks.add(new FutureTask<>(() -> write(me, own)));
    }
    SplittableRandom own = random.split();
    tasks.add(new FutureTask<>(() -> flush(own)));
    tasks.forEach(task -> Thread.ofPlatform().daemon().start(task));
  }

  /** Waits until a thread fails; otherwise does not return. */
  void await() throws Exception {
    for (FutureTask<Boolean> task : tasks) {
      task.get();
    }
  }

  /** Ignores flushes that return after this call. */
  void ignoreFlushes() {
    countsFlushes = false;
  }

  void end() throws Exception {
    ended.set(true);
    await();
  }

  private boolean write(int writer, SplittableRandom random) {
    while (!ended.get()) {
      long key =
          random.nextLong(CrashJournal.KEYS / CrashJournal.WRITERS) * CrashJournal.WRITERS + writer;
      if (random.nextInt(4) == 0) {
        read(key);
      } else if (random.nextInt(CHANGES_PER_REMOVED_CACHE) == 0) {
        removeCache(key);
      } else {
        change(key);
      }
    }
    return true;
  }

  private void change(long key) {
    long version = journal.begun(key) + 1;
    journal.begin(key, version);
    if (CrashJournal.isRemoval(key, version)) {
      target.cache(key).invalidate(key);
    } else {
      target.cache(key).put(key, CrashJournal.value(key, version));
    }
    journal.done(key, version);
    journal.count(Mark.OPERATIONS, 1);
  }

  /** Removes all keys of a cache by one durable change; nothing if the cache has other writers. */
  private void removeCache(long key) {
    List<Long> keys = target.keysOfCache(key);
    if (!keys.isEmpty()) {
      keys.forEach(
          each -> journal.begin(each, CrashJournal.nextRemoval(each, journal.begun(each))));
      target.removeCache(key);
      for (long each : keys) {
        journal.done(each, journal.begun(each));
        journal.flushed(each, journal.begun(each));
      }
      journal.count(Mark.REMOVED_CACHES, 1);
    }
  }

  /** Reads a key that no other thread changes: its newest version, or a miss. */
  private void read(long key) {
    byte[] value = target.cache(key).getIfPresent(key);
    if (value != null) {
      long version = CrashJournal.versionOf(key, value);
      if (version != journal.done(key) && version < journal.flushed(key)) {
        throw new AssertionError(
            "key " + key + " is version " + version + " after " + journal.done(key));
      }
    }
    journal.count(Mark.READS, 1);
  }

  private boolean flush(SplittableRandom random) {
    long[] done = new long[CrashJournal.KEYS];
    long written = 0;
    while (!ended.get()) {
      for (int key = 0; key < done.length; key++) {
        done[key] = journal.done(key);
      }
      try {
        target.flush();
      } catch (DeviceException e) {
        continue; // the flush failed
      }
      if (!countsFlushes) {
        continue;
      }
      for (int key = 0; key < done.length; key++) {
        journal.flushed(key, done[key]);
      }
      journal.count(Mark.FLUSHES, 1);
      var stats = target.tierStats();
      journal.mark(Mark.DROPPED, stats.memory().dropped() + stats.file().refusedOverload());
      journal.count(Mark.WRITTEN, stats.file().bytesWritten() - written);
      written = stats.file().bytesWritten();
      for (int i = random.nextInt(2000); i > 0 && !ended.get(); i--) {
        Thread.onSpinWait();
      }
    }
    return true;
  }
}
