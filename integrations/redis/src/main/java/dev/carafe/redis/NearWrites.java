package dev.carafe.redis;

import dev.carafe.spi.KeyBytes;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.SetArgs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.Function;
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
  boolean put(KeyBytes key, byte[] value, Lifetimes lifetimes) {
    return putAll(Map.of(key, value), () -> lifetimes) > 0;
  }

  /** As {@link #put}, for many keys. All commands are sent before the first answer is awaited. */
  long putAll(Map<KeyBytes, byte[]> values, Supplier<Lifetimes> lifetimes) {
    return each(
        values.entrySet(),
        Map.Entry::getKey,
        (link, next) -> link.put(next.getKey().bytes(), next.getValue(), lifetimes.get()));
  }

  /** Makes a conditional change. */
  Change.Outcome change(KeyBytes key, Change change) {
    long deadline = System.nanoTime() + timeout;
    Link link = links.await(deadline);
    if (change.mayDelete()) {
      tier.forgetLoad(key); // what it loaded can't be written after the deletion
    }
    boolean refused = false;
    try {
      Change.Outcome outcome = Waiting.until(link.change(key.bytes(), change), deadline);
      refused = !outcome.done();
      return outcome;
    } finally {
      if (!refused) { // also if the outcome is unknown
        tier.invalidate(key);
      }
    }
  }

  /**
   * Writes a value if the server has none.
   *
   * @return null if it was written, or else the value of the server
   */
  byte @Nullable [] putIfAbsent(KeyBytes key, byte[] value, Lifetimes lifetimes) {
    if (lifetimes.created() == 0) {
      return reads.get(key);
    }
    SetArgs ifAbsent = lifetimes.ifAbsent().nx();
    byte[] present = null;
    boolean written = false;
    while (!written && present == null) {
      long deadline = System.nanoTime() + timeout;
      Link link = links.await(deadline);
      boolean refused = false;
      try {
        written = Waiting.until(link.write(key.bytes(), value, ifAbsent), deadline);
        refused = !written;
      } finally {
        if (!refused) { // also if the outcome is unknown
          tier.invalidate(key);
        }
      }
      present = written ? null : reads.get(key); // null if it was removed meanwhile
    }
    return present;
  }

  /** Deletes a key, and returns whether it had a value. */
  boolean delete(KeyBytes key) {
    return deleteEach(List.of(key)) > 0;
  }

  /** Deletes keys, and returns how many of them had values. */
  long deleteEach(Collection<KeyBytes> keys) {
    return each(keys, key -> key, (link, key) -> link.delete(key.bytes()));
  }

  /** Sends a command for each item, and returns how many answers are true. */
  private <T> long each(
      Collection<T> items,
      Function<T, KeyBytes> keyOf,
      BiFunction<Link, T, CompletableFuture<Boolean>> command) {
    long deadline = System.nanoTime() + timeout;
    Link link = links.await(deadline);
    items.forEach(item -> tier.forgetLoad(keyOf.apply(item))); // so it can't be written afterwards
    long done = 0;
    try {
      List<CompletableFuture<Boolean>> answers = new ArrayList<>(items.size());
      items.forEach(item -> answers.add(command.apply(link, item)));
      for (CompletableFuture<Boolean> answer : answers) {
        done += Waiting.until(answer, deadline) ? 1 : 0;
      }
    } finally {
      items.forEach(item -> tier.invalidate(keyOf.apply(item))); // also if an outcome is unknown
    }
    return done;
  }

  /**
   * Deletes all keys that begin with a prefix, in steps. Keys that are written meanwhile may
   * remain. The scan begins again after a loss of the connection.
   */
  void deleteAll(byte[] prefix) {
    tier.forgetLoads();
    try {
      Link scanned = null;
      ScanCursor cursor = ScanCursor.INITIAL;
      while (!cursor.isFinished()) {
        long deadline = System.nanoTime() + timeout;
        Link link = links.await(deadline);
        cursor = link == scanned ? cursor : ScanCursor.INITIAL;
        scanned = link;
        KeyScanCursor<byte[]> step = Waiting.until(link.scan(prefix, cursor), deadline);
        if (!step.getKeys().isEmpty()) {
          Waiting.until(link.unlink(step.getKeys()), deadline);
        }
        cursor = step;
      }
    } finally {
      tier.clear();
    }
  }

  /**
   * Returns the value of a key. If the server has none, one caller loads it and writes it, unless
   * the key was changed meanwhile or another client has written one.
   *
   * @param loader returns the bytes, or null for no value
   */
  byte @Nullable [] load(KeyBytes key, Lifetimes lifetimes, Supplier<byte @Nullable []> loader) {
    byte[] near = reads.near(key);
    while (near == null) {
      Load mine = new Load(Thread.currentThread());
      Load running = tier.beginLoad(key, mine);
      if (running == mine) {
        return loaded(key, lifetimes, loader, mine);
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
      KeyBytes key, Lifetimes lifetimes, Supplier<byte @Nullable []> loader, Load mine) {
    try {
      byte[] value = reads.get(key);
      if (value == null) {
        value = loader.get();
        if (value != null) {
          value = written(key, value, lifetimes, mine);
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

  /** Writes a loaded value, unless the key was changed, and returns what the server has then. */
  private byte[] written(KeyBytes key, byte[] value, Lifetimes lifetimes, Load mine) {
    if (lifetimes.created() == 0) {
      return value;
    }
    try {
      long deadline = System.nanoTime() + timeout;
      SetArgs ifAbsent = lifetimes.ifAbsent().nx();
      Link link = links.await(deadline);
      List<CompletableFuture<?>> answer = new ArrayList<>(1);
      if (!tier.sendLoaded(key, mine, () -> answer.add(link.write(key.bytes(), value, ifAbsent)))) {
        return value;
      }
      Waiting.until(answer.getFirst(), deadline);
      byte[] present = reads.get(key);
      return present == null ? value : present;
    } catch (RedisException e) {
      return value; // loaded all the same
    }
  }
}
