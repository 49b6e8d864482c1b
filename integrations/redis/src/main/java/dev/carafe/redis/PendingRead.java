package dev.carafe.redis;

import dev.carafe.spi.KeyBytes;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A read of one key from the server, by this caller or by another one. Used by one thread. */
final class PendingRead {
  private final KeyBytes key;

  /** What the near tier has, unverified. */
  private final @Nullable NearValue known;

  private @Nullable Fetch fetch;

  /** Null if another caller reads. */
  private @Nullable CompletableFuture<Reply> reply;

  PendingRead(KeyBytes key, @Nullable NearValue known) {
    this.key = key;
    this.known = known;
  }

  KeyBytes key() {
    return key;
  }

  /** Adds the commands to a batch, unless another caller has sent them. */
  void begin(NearTier tier, ReadBatch batch) {
    reply = null;
    Fetch mine = new Fetch(key, batch.epoch());
    Fetch running = tier.begin(mine);
    fetch = running;
    if (running == mine) {
      try {
        reply = batch.add(key.bytes(), known == null ? null : known.bytes());
      } catch (RuntimeException | Error e) {
        reply = CompletableFuture.failedFuture(e);
      }
    }
  }

  /** Returns whether the server has answered the read of this caller. */
  boolean isAnswered() {
    return reply != null && reply.isDone();
  }

  /** Waits for the answer of this caller's own read, and stores or confirms its value. */
  void finish(NearTier tier, long deadline, Counters counters) {
    Fetch mine = fetch;
    CompletableFuture<Reply> own = reply;
    if (mine == null || own == null) {
      return;
    }
    try {
      Reply answer = Waiting.until(own, deadline);
      boolean same = known != null && answer.has(known.bytes());
      if (known != null && same) {
        tier.confirm(mine, known, answer);
      } else {
        tier.finish(mine, answer);
      }
      counters.countReply(answer, known != null, same);
      mine.result().complete(answer.bytes());
    } catch (RuntimeException | Error e) {
      tier.abandon(mine);
      mine.result().completeExceptionally(e);
    }
  }

  /** Returns whether the read failed with the connection, so that the next one may answer it. */
  boolean mustRepeat(Link link) {
    Fetch read = fetch;
    if (read == null || !read.result().isCompletedExceptionally()) {
      return false;
    }
    Throwable failure = read.result().exceptionNow();
    boolean ownFailed = reply != null;
    return failure instanceof RedisException
        && !(failure instanceof RedisCommandExecutionException)
        && !(failure instanceof RedisCommandTimeoutException)
        && !(ownFailed && link.isOpen());
  }

  /** Returns the bytes, null if the server has none. */
  byte @Nullable [] await(long deadline) {
    Fetch read = fetch;
    if (read == null) {
      throw new IllegalStateException("not sent");
    }
    return Waiting.until(read.result(), deadline);
  }
}
