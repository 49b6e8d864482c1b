package dev.carafe.redis;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A connection with tracking on. It is used until it is lost, and never connects again: the
 * connection after it is another link, of another epoch.
 *
 * <p>Commands and invalidations share the connection, and the server sends its answers and the
 * invalidations in the order in which the commands took effect. So an answer proves that every
 * change before it, whose invalidation was due, has been applied.
 */
final class Link {
  /** How many keys the server visits in one step of a scan. */
  private static final int SCANNED_KEYS = 1000;

  private final StatefulRedisConnection<byte[], byte[]> connection;
  private final RedisAsyncCommands<byte[], byte[]> commands;
  private final AtomicLong provenAt;
  private final AtomicReference<@Nullable CompletableFuture<?>> proof = new AtomicReference<>();
  private volatile Epoch epoch = new Epoch();
  private final AtomicBoolean lost = new AtomicBoolean();
  private volatile boolean comparesByScript = true;

  /**
   * Takes over a connection on which tracking has been switched on.
   *
   * @param connection without reconnects
   * @param since before tracking was switched on, as {@link System#nanoTime}
   */
  Link(StatefulRedisConnection<byte[], byte[]> connection, long since) {
    this.connection = connection;
    this.commands = connection.async();
    this.provenAt = new AtomicLong(since);
  }

  /** Values that it believes are as the server has them, while the link is open. */
  Epoch epoch() {
    return epoch;
  }

  /** Makes all values unverified that were read until now. */
  void renewEpoch() {
    epoch = new Epoch();
  }

  /** Returns whether the connection is open, as far as is known. */
  boolean isOpen() {
    return !lost.get() && connection.isOpen();
  }

  /** Ends the use of this link. */
  void lose() {
    if (lost.compareAndSet(false, true) && connection.isOpen()) {
      var _ = connection.closeAsync();
    }
  }

  /** Returns the nanoseconds since the last moment up to which all invalidations were applied. */
  long silence() {
    return System.nanoTime() - provenAt.get();
  }

  /** Notes that the server answered a command, after all earlier invalidations were applied. */
  void proven(long sentAt) {
    provenAt.accumulateAndGet(sentAt, (one, other) -> other - one > 0 ? other : one);
  }

  /**
   * Asks the server for an answer, unless such a question is under way.
   *
   * @param timeout after which the connection counts as broken, in nanoseconds
   * @return completes when {@link #silence} is shorter, or exceptionally
   */
  CompletableFuture<?> prove(long timeout) {
    CompletableFuture<?> running = proof.get();
    if (running != null && !running.isDone()) {
      return running;
    }
    CompletableFuture<Object> mine = new CompletableFuture<>();
    if (!proof.compareAndSet(running, mine)) {
      return prove(timeout);
    }
    long sentAt = System.nanoTime();
    CompletionStage<?> answer = commands.ping();
    answer.whenComplete((pong, failure) -> {
      if (failure == null) {
        proven(sentAt);
        mine.complete(pong);
      } else {
        mine.completeExceptionally(failure);
      }
    });
    return mine.orTimeout(timeout, TimeUnit.NANOSECONDS)
        .whenComplete((pong, failure) -> {
          if (failure != null) {
            lose();
          }
        });
  }

  /** Returns a batch of reads, for one thread. */
  ReadBatch batch() {
    return new ReadBatch(this, connection);
  }

  /** Returns whether values are compared by a script. */
  boolean comparesByScript() {
    return comparesByScript;
  }

  /** Has later reads use no scripts. */
  void refusesScripts() {
    comparesByScript = false;
  }

  /**
   * Writes a value.
   *
   * @param arguments the time to live, and the condition
   * @return completes with false if the condition prevents it
   */
  CompletableFuture<Boolean> write(byte[] key, byte[] value, SetArgs arguments) {
    return commands
        .set(key, value, arguments)
        .thenApply(answer -> answer != null)
        .toCompletableFuture();
  }

  /**
   * Writes a value that lives as long as is said.
   *
   * @return completes with false if it is not kept, and the key had no value
   */
  CompletableFuture<Boolean> put(byte[] key, byte[] value, Lifetimes lifetimes) {
    return lifetimes.needScript()
        ? change(key, new Change(Change.When.ALWAYS, null, value, lifetimes, false))
            .thenApply(Change.Outcome::done)
        : write(key, value, lifetimes.arguments());
  }

  /** Makes a conditional change. */
  CompletableFuture<Change.Outcome> change(byte[] key, Change change) {
    return change.send(commands, key);
  }

  /** Deletes a key. Completes with whether it had a value. */
  CompletableFuture<Boolean> delete(byte[] key) {
    return commands.del(new byte[][] {key}).thenApply(deleted -> deleted > 0).toCompletableFuture();
  }

  /** Finds some of the keys that begin with a prefix. */
  CompletableFuture<KeyScanCursor<byte[]>> scan(byte[] prefix, ScanCursor cursor) {
    ByteArrayOutputStream pattern = new ByteArrayOutputStream();
    for (byte each : prefix) {
      if ("*?[]\\".indexOf(each) >= 0) {
        pattern.write('\\');
      }
      pattern.write(each);
    }
    pattern.write('*');
    ScanArgs some = new ScanArgs().match(pattern.toByteArray()).limit(SCANNED_KEYS);
    return commands.scan(cursor, some).toCompletableFuture();
  }

  /** Deletes keys, whose memory the server frees in the background. */
  CompletableFuture<?> unlink(List<byte[]> keys) {
    return commands.unlink(keys.toArray(byte[][]::new)).toCompletableFuture();
  }
}
