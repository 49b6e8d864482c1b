package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileRead;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileValue;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads of the file that nobody waits for: the device tells when one has arrived, and the executor
 * goes on with it.
 *
 * <p>From its start until it has arrived a read keeps the gate open, which the kernel bounds. Then
 * it stands in {@code waiting} until the executor comes to it, or the cache is closed: whoever
 * claims it gives its memory back, so that closing never waits for the application's executor.
 */
final class AsyncReads {
  /** Reads under way at once; beyond that the executor's own threads read. */
  private static final int MAX_UNDER_WAY = 192;

  private final @Nullable FileTier file;
  private final Gate gate;
  private final ExecutorTasks tasks;
  private final Semaphore places = new Semaphore(MAX_UNDER_WAY);
  private final Set<Arrival> waiting = ConcurrentHashMap.newKeySet();

  /** A record that has arrived, or is to be read by the executor itself, and who wants it. */
  private record Arrival(
      FileKey key,
      @Nullable FileRead read,
      Consumer<@Nullable FileValue> then,
      AtomicBoolean claimed) {}

  AsyncReads(@Nullable FileTier file, Gate gate, ExecutorTasks tasks) {
    this.file = file;
    this.gate = gate;
    this.tasks = tasks;
  }

  /**
   * Reads a key's record. The caller is inside the gate.
   *
   * @param then runs on the executor, inside the gate; closes what it is given, null for a miss or
   *     if the cache was closed meanwhile. Never runs on the caller's thread, unless the executor
   *     does.
   */
  void read(FileKey key, Consumer<@Nullable FileValue> then) {
    FileTier from = requireNonNull(file);
    FileRead begun = places.tryAcquire() ? begin(from, key) : null;
    Arrival arrival = new Arrival(key, begun, then, new AtomicBoolean());
    if (begun == null) {
      hand(arrival);
      return;
    }
    int pass = gate.enterForAnother(); // open, since the caller is inside
    from.submit(
        List.of(begun),
        read -> {
          places.release();
          hand(arrival);
          gate.exitElsewhere(pass);
        });
  }

  private @Nullable FileRead begin(FileTier from, FileKey key) {
    FileRead begun = from.begin(key);
    if (begun == null) {
      places.release();
    }
    return begun;
  }

  private void hand(Arrival arrival) {
    waiting.add(arrival);
    tasks.run(() -> goOn(arrival));
  }

  private void goOn(Arrival arrival) {
    int pass = gate.enterUnlessClosed();
    if (pass < 0) {
      return; // whoever closes ends it
    }
    try {
      if (arrival.claimed().compareAndSet(false, true)) {
        waiting.remove(arrival);
        FileRead read = arrival.read();
        arrival.then().accept(read == null ? readHere(arrival.key()) : read.take());
      }
    } finally {
      gate.exit(pass);
    }
  }

  private @Nullable FileValue readHere(FileKey key) {
    return requireNonNull(file).read(key);
  }

  /** The gate is closed and all are out: what has arrived and waits for the executor is a miss. */
  void abandonAll() {
    for (Arrival arrival : waiting) {
      if (arrival.claimed().compareAndSet(false, true)) {
        FileRead read = arrival.read();
        if (read != null) {
          read.abandon();
        }
        arrival.then().accept(null);
      }
    }
    waiting.clear();
  }
}
