package dev.carafe.bench.fork;

import dev.carafe.contenders.Store;
import java.util.concurrent.atomic.AtomicLong;

/** One thread's side of a workload: its keys, its arrays, its counts. Confined to that thread. */
final class Client {
  private static final int SEQUENCE = 1 << 20;

  private final Store store;
  private final Mix mix;
  private final int[] keys;
  private final AtomicLong freshKeys;
  private final int valueBytes;
  private final byte[] read;
  private final byte[] written;
  private int at;
  private int sinceWrite;

  long hits;
  long misses;
  long writes;
  long wrong;

  Client(Store store, Mix mix, ZipfKeys popularity, int valueBytes, long seed, AtomicLong fresh) {
    this.store = store;
    this.mix = mix;
    this.keys = popularity.sequence(SEQUENCE, seed);
    this.freshKeys = fresh;
    this.valueBytes = valueBytes;
    this.read = new byte[valueBytes];
    this.written = Stamp.blank(valueBytes, seed);
  }

  /** Whether the next operation is a write, decided by counting, not by chance. */
  boolean nextIsWrite() {
    sinceWrite += mix.writePercent();
    if (sinceWrite >= 100) {
      sinceWrite -= 100;
      return true;
    }
    return false;
  }

  /** One operation. */
  void operate() {
    if (nextIsWrite()) {
      write();
    } else {
      read();
    }
  }

  void write() {
    long key = mix.fresh() ? freshKeys.getAndIncrement() : key();
    put(key);
  }

  private void put(long key) {
    Stamp.put(written, key, writes++);
    store.put(key, written, valueBytes);
  }

  void read() {
    long key = key();
    int length = mix.visit() ? store.visit(key) : store.get(key, read);
    if (length == Store.MISS) {
      misses++;
      if (mix.putOnMiss()) {
        put(key);
      }
    } else {
      hits++;
      if (!mix.visit() && !Stamp.isOf(read, key)) {
        wrong++;
      }
    }
  }

  private long key() {
    int key = keys[at];
    at = (at + 1) & (SEQUENCE - 1);
    return key;
  }
}
