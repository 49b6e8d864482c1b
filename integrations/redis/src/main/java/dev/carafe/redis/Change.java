package dev.carafe.redis;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A conditional change of a key, which is one step at the server: a script.
 *
 * @param when the condition
 * @param expected with {@link When#EQUAL}, the bytes of the value that the key must have; or else
 *     null
 * @param value the new value; null to delete the key
 * @param lifetimes of the new value
 * @param returnsOld whether the server is to send the value that the key had
 */
record Change(
    When when,
    byte @Nullable [] expected,
    byte @Nullable [] value,
    Lifetimes lifetimes,
    boolean returnsOld) {
  /** The condition of a change. */
  enum When {
    /** None. */
    ALWAYS,
    /** The key has no value. */
    ABSENT,
    /** The key has a value. */
    PRESENT,
    /** The key has the expected bytes. */
    EQUAL
  }

  /**
   * What the server did.
   *
   * @param existed whether the key had a value
   * @param done whether the key was changed
   * @param old the value that it had, if it was asked for
   */
  record Outcome(boolean existed, boolean done, byte @Nullable [] old) {}

  private static final byte[] NOTHING = {};

  private static final String SCRIPT =
      """
      local old = redis.call('GET', KEYS[1])
      local when = ARGV[1]
      local done = 0
      if (when == 'ABSENT' and old) or (when == 'PRESENT' and not old)
          or (when == 'EQUAL' and old ~= ARGV[2]) then
        done = 0
      else
        local life = old and ARGV[5] or ARGV[4]
        if ARGV[6] == 'delete' or life == '0' then
          done = redis.call('DEL', KEYS[1])
        else
          if life == 'ever' then
            redis.call('SET', KEYS[1], ARGV[3])
          elseif life == 'kept' then
            redis.call('SET', KEYS[1], ARGV[3], 'KEEPTTL')
          else
            redis.call('SET', KEYS[1], ARGV[3], 'PX', life)
          end
          done = 1
        end
      end
      local result = {old and 1 or 0, done}
      if old and ARGV[7] == 'old' and (done == 0 or when ~= 'EQUAL') then result[3] = old end
      return result\
      """;

  /** Whether the key may have no value afterwards. */
  boolean mayDelete() {
    return value == null || lifetimes.updated() == 0;
  }

  /** Sends the change. With {@link When#EQUAL}, the old value comes back only if it differs. */
  CompletableFuture<Outcome> send(RedisAsyncCommands<byte[], byte[]> commands, byte[] key) {
    byte[][] keys = {key};
    return commands
        .<List<Object>>eval(
            SCRIPT,
            ScriptOutputType.MULTI,
            keys,
            ascii(when.name()),
            expected == null ? NOTHING : expected,
            value == null ? NOTHING : value,
            Lifetimes.word(lifetimes.created()),
            Lifetimes.word(lifetimes.updated()),
            ascii(value == null ? "delete" : "set"),
            ascii(returnsOld ? "old" : ""))
        .thenApply(Change::outcome)
        .toCompletableFuture();
  }

  private static Outcome outcome(List<Object> result) {
    return new Outcome(
        (Long) result.get(0) == 1,
        (Long) result.get(1) == 1,
        result.size() > 2 ? (byte[]) result.get(2) : null);
  }

  private static byte[] ascii(String word) {
    return word.getBytes(StandardCharsets.US_ASCII);
  }
}
