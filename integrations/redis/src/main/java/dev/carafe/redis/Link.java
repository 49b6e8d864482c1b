package dev.carafe.redis;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
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
  /** Shorter values are sent again rather than compared: a digest takes as much. */
  static final int COMPARED_BYTES = 256;

  /** How many keys the server visits in one step of a scan. */
  private static final int SCANNED_KEYS = 1000;

  /** Returns nothing, or 1 if the value has the digest, or 0 and the value. */
  private static final String COMPARE =
      """
      local value = redis.call('GET', KEYS[1])
      if not value then return {} end
      if redis.sha1hex(value) == ARGV[1] then return {1} end
      return {0, value}\
      """;

  private final StatefulRedisConnection<byte[], byte[]> connection;
  private final RedisAsyncCommands<byte[], byte[]> commands;
  private final AtomicLong provenAt;
  private final AtomicReference<@Nullable CompletableFuture<?>> proof = new AtomicReference<>();
  private volatile long epoch = newEpoch();
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

  /** Random, so that values in a file can't have the epoch of a later process. */
  private static long newEpoch() {
    return ThreadLocalRandom.current().nextLong();
  }

  /** Values that were read under this epoch are as the server has them, while the link is open. */
  long epoch() {
    return epoch;
  }

  /** Makes all values unverified that were read until now. */
  void renewEpoch() {
    epoch = newEpoch();
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
  private void proven(long sentAt) {
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

  /**
   * Reads a value and its time to live. The server tracks the key from the first of the two
   * commands on, so a change between them is followed by an invalidation.
   *
   * @param key of the value
   * @param known the bytes that the reader has; null for none
   */
  CompletableFuture<Reply> read(byte[] key, byte @Nullable [] known) {
    long sentAt = System.nanoTime();
    CompletionStage<Long> timeToLive = commands.pttl(key);
    CompletionStage<Reply> value =
        known != null && known.length >= COMPARED_BYTES && comparesByScript
            ? compared(key, known)
            : commands.get(key).thenApply(bytes -> new Reply(bytes, false, NearValue.NEVER));
    return value
        .thenCombine(timeToLive, (reply, millis) -> timed(reply, millis, sentAt))
        .toCompletableFuture();
  }

  /** Adds the deadline, counted from the moment before the commands were sent. */
  private Reply timed(Reply reply, long millis, long sentAt) {
    proven(sentAt);
    if (millis == -1) {
      return reply;
    }
    long left = TimeUnit.MILLISECONDS.toNanos(Math.max(0, millis)); // -2: it expired meanwhile
    long deadline = sentAt + Math.min(left, Long.MAX_VALUE / 4);
    return new Reply(reply.bytes(), reply.same(), deadline);
  }

  private CompletionStage<Reply> compared(byte[] key, byte[] known) {
    byte[] digest = HexFormat.of().formatHex(sha1(known)).getBytes(StandardCharsets.US_ASCII);
    byte[][] keys = {key};
    return commands
        .<List<Object>>eval(COMPARE, ScriptOutputType.MULTI, keys, digest)
        .handle((found, failure) -> {
          if (failure == null) {
            return CompletableFuture.completedFuture(reply(found, known));
          }
          if (!(Waiting.unwrapped(failure) instanceof RedisCommandExecutionException)) {
            return CompletableFuture.<Reply>failedFuture(failure);
          }
          return commands
              .get(key)
              .thenApply(bytes -> {
                comparesByScript = false; // the server has no scripts, or forbids them
                return new Reply(bytes, false, NearValue.NEVER);
              })
              .toCompletableFuture();
        })
        .thenCompose(stage -> stage);
  }

  private static Reply reply(List<Object> found, byte[] known) {
    if (found.isEmpty()) {
      return new Reply(null, false, NearValue.NEVER);
    }
    return found.size() == 1
        ? new Reply(known, true, NearValue.NEVER)
        : new Reply((byte[]) found.get(1), false, NearValue.NEVER);
  }

  private static byte[] sha1(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each Java has SHA-1", e);
    }
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
