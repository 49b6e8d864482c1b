package dev.carafe.redis;

import io.lettuce.core.RedisCommandInterruptedException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Waits for answers of the server, with Lettuce's exceptions. */
final class Waiting {
  private Waiting() {}

  /**
   * Waits for a result.
   *
   * @param future of the result
   * @param deadline as {@link System#nanoTime}
   * @return the result
   * @throws RedisCommandTimeoutException at the deadline
   * @throws RedisException or another exception with which the future failed
   */
  static <T extends @Nullable Object> T until(CompletableFuture<T> future, long deadline) {
    try {
      return future.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new RedisCommandTimeoutException("no answer of the server within the timeout");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RedisCommandInterruptedException(e);
    } catch (ExecutionException e) {
      throw unwrapped(e);
    }
  }

  /** Returns the exception of a command. */
  static RuntimeException unwrapped(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof RuntimeException e ? e : new RedisException(cause);
  }
}
