package dev.carafe.redis;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A time in which the server announces all changes of the values that were read in it. It begins
 * with a connection, and after a flush of the server. A value is believed if it was read from the
 * server in this epoch, or was compared with the server in this epoch and was the same.
 *
 * <p>A value has the epoch in which it was read and a number within it, so no two stored values are
 * alike. What was compared is kept here, as a bit for each number: the near tier does not write a
 * value again because it was confirmed. The bits end with the epoch. They take a bit for each value
 * that was stored between the first and the last confirmed one of 512 subsequent numbers.
 */
final class Epoch {
  private static final int CHUNK_BITS = 512;

  /** Random, so that values in a file can't have the epoch of a later process. */
  private final long id = ThreadLocalRandom.current().nextLong();

  private final AtomicLong numbers = new AtomicLong();
  private final ConcurrentHashMap<Chunk, AtomicLongArray> confirmed = new ConcurrentHashMap<>();

  /**
   * Some numbers of an earlier epoch.
   *
   * @param epoch the id of that epoch
   * @param index of the numbers, in units of {@link #CHUNK_BITS}
   */
  private record Chunk(long epoch, long index) {
    static Chunk of(NearValue value) {
      return new Chunk(value.epoch(), value.number() / CHUNK_BITS);
    }
  }

  /**
   * Returns a value that was read in this epoch.
   *
   * @param deadline as in {@link NearValue}
   */
  NearValue value(byte[] bytes, long deadline) {
    return new NearValue(id, numbers.getAndIncrement(), bytes, deadline);
  }

  /** Returns whether a value is as the server has it, while the link is open. */
  boolean believes(NearValue value) {
    if (value.epoch() == id) {
      return true;
    }
    AtomicLongArray bits = confirmed.get(Chunk.of(value));
    return bits != null && (bits.get(word(value)) & bit(value)) != 0;
  }

  /** Notes that the server has the same value. */
  void confirm(NearValue value) {
    confirmed
        .computeIfAbsent(Chunk.of(value), chunk -> new AtomicLongArray(CHUNK_BITS / Long.SIZE))
        .accumulateAndGet(word(value), bit(value), (old, added) -> old | added);
  }

  private static int word(NearValue value) {
    return (int) (value.number() % CHUNK_BITS) / Long.SIZE;
  }

  private static long bit(NearValue value) {
    return 1L << value.number();
  }
}
