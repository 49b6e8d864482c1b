package dev.carafe.redis;

import io.lettuce.core.RedisException;
import io.lettuce.core.SetArgs;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes values to the server, and loads missing ones. */
final class NearWrites {
  private final NearTier tier;
  private final Links links;
  private final NearReads reads;
  private final long timeout;

  NearWrites(NearTier tier, Links links, NearReads reads, long timeout) {
    this.tier = tier;
    this.links = links;
    this.reads = reads;
    this.timeout = timeout;
  }

  /**
   * Writes a value. The near tier does not keep it: a change by another client that follows at once
   * would not be announced, since the server tracks what was read, not what was written.
   */
  void put(Key key, byte[] value, @Nullable Duration timeToLive) {
    long deadline = System.nanoTime() + timeout;
    Link link = links.await(deadline);
    try {
      Waiting.until(link.write(key.bytes(), value, arguments(timeToLive)), deadline);
    } finally {
      tier.invalidate(key); // also if the outcome is unknown
    }
  }

  /** Deletes a key. */
  void delete(Key key) {
    long deadline = System.nanoTime() + timeout;
    Link link = links.await(deadline);
    try {
      Waiting.until(link.delete(key.bytes()), deadline);
    } finally {
      tier.invalidate(key);
    }
  }

  private static SetArgs arguments(@Nullable Duration timeToLive) {
    SetArgs arguments = new SetArgs();
    return timeToLive == null ? arguments : arguments.px(timeToLive);
  }

  /**
   * Returns the value of a key. If the server has none, one caller loads it and writes it, unless
   * the key was changed meanwhile or another client has written one.
   *
   * @param loader returns the bytes, or null for no value
   */
  byte @Nullable [] load(
      Key key, @Nullable Duration timeToLive, Supplier<byte @Nullable []> loader) {
    byte[] near = reads.near(key);
    while (near == null) {
      Load mine = new Load(Thread.currentThread());
      Load running = tier.beginLoad(key, mine);
      if (running == mine) {
        return loaded(key, timeToLive, loader, mine);
      }
      if (running.owner() == Thread.currentThread()) {
        throw new IllegalStateException("a loader loads the key that it is to load");
      }
      try {
        return running.result().join();
      } catch (CompletionException e) {
        // The call that loaded threw the exception. This one loads the value itself.
        near = reads.near(key);
      }
    }
    return near;
  }

  private byte @Nullable [] loaded(
      Key key, @Nullable Duration timeToLive, Supplier<byte @Nullable []> loader, Load mine) {
    try {
      byte[] value = reads.get(key);
      if (value == null) {
        value = loader.get();
        if (value != null && tier.isLoading(key, mine)) {
          value = written(key, value, timeToLive);
        }
      }
      mine.result().complete(value);
      return value;
    } catch (RuntimeException | Error e) {
      mine.result().completeExceptionally(e);
      throw e;
    } finally {
      tier.endLoad(key, mine);
    }
  }

  /** Writes a loaded value, and returns what the server has then. */
  private byte[] written(Key key, byte[] value, @Nullable Duration timeToLive) {
    try {
      long deadline = System.nanoTime() + timeout;
      SetArgs ifAbsent = arguments(timeToLive).nx();
      Waiting.until(links.await(deadline).write(key.bytes(), value, ifAbsent), deadline);
      byte[] present = reads.get(key);
      return present == null ? value : present;
    } catch (RedisException e) {
      return value; // loaded all the same
    }
  }
}
