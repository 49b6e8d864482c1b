package dev.carafe.bench.fork;

import dev.carafe.bench.Zipf;
import dev.carafe.contenders.Store;
import java.util.concurrent.atomic.AtomicLong;

/** The operations of one thread of a workload, and their counts. Confined to that thread. */
final class Client {
  private final Store store;
  private final Mix mix;
  private final KeySequence keys;
  private final AtomicLong freshKeys;
  private final int valueBytes;
  private final byte[] read;
  private final byte[] written;
  private int sinceWrite;

  long hits;
  long misses;
  long writes;
  long wrong;

  Client(Store store, Mix mix, Zipf popularity, int valueBytes, long seed, AtomicLong fresh) {
    this.store = store;
    this.mix = mix;
    this.keys = new KeySequence(popularity, seed);
    this.freshKeys = fresh;
    this.valueBytes = valueBytes;
    this.read = new byte[valueBytes];
    this.written = Stamp.randomValue(valueBytes, seed);
  }

  /** Whether the next operation is a write. Writes are evenly spaced, not random. */
  boolean nextIsWrite() {
    sinceWrite += mix.writePercent();
    if (sinceWrite >= 100) {
      sinceWrite -= 100;
      return true;
    }
    return false;
  }

  /** Runs one operation. */
  void operate() {
    if (nextIsWrite()) {
      write();
    } else {
      read();
    }
  }

  void write() {
    long key = mix.fresh() ? freshKeys.getAndIncrement() : keys.next();
    put(key);
  }

  private void put(long key) {
    Stamp.put(written, key, writes++);
    store.put(key, written, valueBytes);
  }

  void read() {
    long key = keys.next();
    int length = mix.visit() ? store.visit(key) : store.get(key, read);
    if (length == Store.MISS) {
      misses++;
      if (mix.putOnMiss()) {
        put(key);
      }
    } else {
      hits++;
      if (!mix.visit() && !Stamp.hasKey(read, key)) {
        wrong++;
      }
    }
  }
}
