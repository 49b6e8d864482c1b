package dev.carafe.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads of several keys whose commands are sent together: one write to the socket, and one answer
 * is awaited. Used by one thread.
 */
final class ReadBatch {
  /** Shorter values are sent again rather than compared: a digest takes as much. */
  static final int COMPARED_BYTES = 256;

  /** So that the server begins with the first ones while the others are encoded. */
  private static final int MOST_COMMANDS = 256;

  /** Returns nothing, or 1 if the value has the digest, or 0 and the value. */
  private static final byte[] COMPARE =
      ascii(
          """
          local value = redis.call('GET', KEYS[1])
          if not value then return {} end
          if redis.sha1hex(value) == ARGV[1] then return {1} end
          return {0, value}\
          """);

  private final Link link;
  private final StatefulRedisConnection<byte[], byte[]> connection;
  private final List<AsyncCommand<byte[], byte[], ?>> commands = new ArrayList<>();

  /**
   * Creates it.
   *
   * @param link which is told what was answered
   * @param connection of the link
   */
  ReadBatch(Link link, StatefulRedisConnection<byte[], byte[]> connection) {
    this.link = link;
    this.connection = connection;
  }

  /** Returns the epoch of the answers, if it is asked before they are. */
  Epoch epoch() {
    return link.epoch();
  }

  /**
   * Adds a read of a value and its time to live. The server tracks the key from the first of the
   * two commands on, so a change between them is followed by an invalidation.
   *
   * @param key of the value
   * @param known the bytes that the reader has; null for none
   */
  CompletableFuture<Reply> add(byte[] key, byte @Nullable [] known) {
    long sentAt = System.nanoTime();
    CompletableFuture<Long> timeToLive =
        command(CommandType.PTTL, new IntegerOutput<>(ByteArrayCodec.INSTANCE), keyed(key));
    CompletionStage<Reply> value =
        known != null && known.length >= COMPARED_BYTES && link.comparesByScript()
            ? compared(key, known)
            : fetched(key);
    if (commands.size() >= MOST_COMMANDS) {
      send();
    }
    return value
        .thenCombine(timeToLive, (reply, millis) -> timed(reply, millis, sentAt))
        .toCompletableFuture();
  }

  /** Sends what was added. */
  void send() {
    if (commands.isEmpty()) {
      return;
    }
    List<AsyncCommand<byte[], byte[], ?>> sent = List.copyOf(commands);
    commands.clear();
    try {
      var _ = connection.dispatch(sent);
    } catch (RuntimeException | Error e) {
      sent.forEach(command -> command.completeExceptionally(e));
    }
  }

  private CompletableFuture<Reply> fetched(byte[] key) {
    return command(CommandType.GET, new ValueOutput<>(ByteArrayCodec.INSTANCE), keyed(key))
        .thenApply(bytes -> new Reply(bytes, false, NearValue.NEVER));
  }

  private CompletionStage<Reply> compared(byte[] key, byte[] known) {
    CommandArgs<byte[], byte[]> arguments =
        arguments()
            .add(COMPARE)
            .add(1)
            .addKey(key)
            .add(ascii(HexFormat.of().formatHex(sha1(known))));
    return command(CommandType.EVAL, new NestedMultiOutput<>(ByteArrayCodec.INSTANCE), arguments)
        .thenApply(found -> reply(found, known))
        .exceptionallyCompose(failure -> {
          if (!(Waiting.unwrapped(failure) instanceof RedisCommandExecutionException)) {
            return CompletableFuture.failedFuture(failure);
          }
          ReadBatch again = new ReadBatch(link, connection);
          CompletableFuture<Reply> fetched = again.fetched(key);
          again.send();
          return fetched.whenComplete((reply, second) -> {
            if (second == null) {
              link.refusesScripts(); // the server has none, or forbids them
            }
          });
        });
  }

  private <T> AsyncCommand<byte[], byte[], T> command(
      CommandType type,
      CommandOutput<byte[], byte[], T> output,
      CommandArgs<byte[], byte[]> arguments) {
    AsyncCommand<byte[], byte[], T> command =
        new AsyncCommand<>(new Command<>(type, output, arguments));
    commands.add(command);
    return command;
  }

  private static CommandArgs<byte[], byte[]> arguments() {
    return new CommandArgs<>(ByteArrayCodec.INSTANCE);
  }

  private static CommandArgs<byte[], byte[]> keyed(byte[] key) {
    return arguments().addKey(key);
  }

  /** Adds the deadline, counted from the moment before the commands were sent. */
  private Reply timed(Reply reply, long millis, long sentAt) {
    link.proven(sentAt);
    if (millis == -1) {
      return reply;
    }
    long left = TimeUnit.MILLISECONDS.toNanos(Math.max(0, millis)); // -2: it expired meanwhile
    long deadline = sentAt + Math.min(left, Long.MAX_VALUE / 4);
    return new Reply(reply.bytes(), reply.same(), deadline);
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

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
