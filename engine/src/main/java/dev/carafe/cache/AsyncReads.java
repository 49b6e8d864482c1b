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
 * Reads of the file that block no thread. The device reports their completion, and the executor
 * processes the results.
 *
 * <p>From its submission to its completion, which the kernel bounds in time, a read counts as an
 * operation of the gate. Then it waits in {@code awaitingExecutor} until the executor runs it or
 * the cache is closed. The first of both claims the read and frees its memory, so that closing
 * never waits for the application's executor.
 */
final class AsyncReads {
  /** The maximum number of reads in flight. Further reads block the executor's threads. */
  private static final int MAX_IN_FLIGHT = 192;

  private final @Nullable FileTier file;
  private final Gate gate;
  private final ExecutorTasks tasks;
  private final Semaphore permits = new Semaphore(MAX_IN_FLIGHT);
  private final Set<PendingRead> awaitingExecutor = ConcurrentHashMap.newKeySet();

  /** A completed read, or one that the executor is to perform itself ({@code read} is null). */
  private record PendingRead(
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
   * @param then runs on the executor, inside the gate, and closes its argument, which is null for a
   *     miss or if the cache was closed meanwhile. It does not run on the caller's thread, unless
   *     the executor does so.
   */
  void read(FileKey key, Consumer<@Nullable FileValue> then) {
    FileTier from = requireNonNull(file);
    FileRead begun = permits.tryAcquire() ? begin(from, key) : null;
    PendingRead pending = new PendingRead(key, begun, then, new AtomicBoolean());
    if (begun == null) {
      submitCompletion(pending);
      return;
    }
    int pass = gate.enterForOtherThread(); // succeeds, since the caller is inside
    from.submit(
        List.of(begun),
        read -> {
          permits.release();
          submitCompletion(pending);
          gate.exitFromOtherThread(pass);
        });
  }

  private @Nullable FileRead begin(FileTier from, FileKey key) {
    FileRead begun = from.beginRead(key);
    if (begun == null) {
      permits.release();
    }
    return begun;
  }

  private void submitCompletion(PendingRead pending) {
    awaitingExecutor.add(pending);
    tasks.run(() -> complete(pending));
  }

  private void complete(PendingRead pending) {
    int pass = gate.enterUnlessClosed();
    if (pass < 0) {
      return; // abandonAll ends it
    }
    try {
      if (pending.claimed().compareAndSet(false, true)) {
        awaitingExecutor.remove(pending);
        FileRead read = pending.read();
        pending.then().accept(read == null ? readHere(pending.key()) : read.finish());
      }
    } finally {
      gate.exit(pass);
    }
  }

  private @Nullable FileValue readHere(FileKey key) {
    return requireNonNull(file).read(key);
  }

  /**
   * Ends the completed reads that wait for the executor as misses. The gate is closed and all
   * operations have ended.
   */
  void abandonAll() {
    for (PendingRead pending : awaitingExecutor) {
      if (pending.claimed().compareAndSet(false, true)) {
        FileRead read = pending.read();
        if (read != null) {
          read.abandon();
        }
        pending.then().accept(null);
      }
    }
    awaitingExecutor.clear();
  }
}
