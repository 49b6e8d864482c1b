package dev.carafe.bench.policy;

import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * GDSF (Cherkasova, 1998): evicts the key with the lowest priority. The priority is the number of
 * reads divided by the size, plus the priority of the last victim at the time of the last read.
 */
final class Gdsf extends EvictingMemory {
  private final PriorityQueue<Ranked> order =
      new PriorityQueue<>(Comparator.comparingDouble(Ranked::priority));
  private final Ranked[] current;
  private final int[] reads;
  private double clock;

  private record Ranked(int key, double priority) {}

  Gdsf(int keyCount, long capacityBytes) {
    super(keyCount, capacityBytes);
    current = new Ranked[keyCount];
    reads = new int[keyCount];
  }

  @Override
  void hit(int key) {
    reads[key]++;
    rank(key);
  }

  @Override
  void insert(int key) {
    reads[key] = 1;
    rank(key);
  }

  /** An older rank of the key stays in the queue and is skipped. */
  private void rank(int key) {
    Ranked ranked = new Ranked(key, clock + (double) reads[key] / size(key));
    current[key] = ranked;
    order.add(ranked);
    if (order.size() > 4 * current.length) {
      order.removeIf(old -> current[old.key] != old);
    }
  }

  @Override
  @SuppressWarnings("NullAway") // an array of ranks, null for keys that are not cached
  void unlink(int key) {
    current[key] = null;
  }

  @Override
  int selectVictim() {
    for (; ; ) {
      Ranked lowest = order.remove();
      if (current[lowest.key] == lowest) {
        clock = lowest.priority;
        unlink(lowest.key);
        return lowest.key;
      }
    }
  }
}
