package dev.carafe.bench.policy;

import static dev.carafe.bench.policy.LinkedEntries.NONE;
import static dev.carafe.bench.policy.LinkedEntries.PROBATION;
import static dev.carafe.bench.policy.LinkedEntries.PROTECTED;
import static dev.carafe.bench.policy.LinkedEntries.WINDOW;

import dev.carafe.tier.FrequencySketch;
import java.util.function.IntConsumer;

/**
 * W-TinyLFU by bytes: an LRU window, and a main part with a probation and a protected LRU queue. A
 * candidate from the window is admitted to a full main part if a frequency sketch counts more uses
 * of the candidate than of the victims. The rule can change at any time. Not thread-safe.
 */
final class WindowedPolicy {
  private static final double PROTECTED_SHARE = 0.8;
  private static final int MOST_VICTIMS = 64;
  private static final int MIN_USES_FOR_RANDOM_ADMISSION = 6;
  private static final int RANDOM_ADMISSION_MASK = 127;

  private final long capacityBytes;
  private final IntConsumer evicted;
  private final LinkedEntries entries = new LinkedEntries();
  private final FrequencySketch sketch = new FrequencySketch();
  private final int[] victims = new int[MOST_VICTIMS];
  private int victimCount;
  private WindowRule rule;
  private int random = 42;

  /**
   * @param evicted receives each evicted entry
   */
  WindowedPolicy(long capacityBytes, WindowRule rule, IntConsumer evicted) {
    this.capacityBytes = capacityBytes;
    this.rule = rule;
    this.evicted = evicted;
  }

  void setRule(WindowRule newRule) {
    rule = newRule;
  }

  int held() {
    return entries.held();
  }

  /** Adds an entry and evicts entries above the capacity, possibly the new one. */
  void add(int entry, long hash, int bytes) {
    entries.add(entry, hash, bytes, WINDOW);
    sketch.ensureEntries(entries.held());
    sketch.count(hash);
    long windowBytes = (long) (rule.window() * capacityBytes);
    while (entries.queueBytes(WINDOW) > windowBytes) {
      int candidate = entries.oldest(WINDOW);
      entries.move(candidate, PROBATION);
      if (entries.allBytes() > capacityBytes) {
        compare(candidate);
      }
    }
    while (entries.allBytes() > capacityBytes) {
      evict(oldestOfAll());
    }
  }

  void read(int entry) {
    sketch.count(entries.hash(entry));
    entries.move(entry, entries.queueOf(entry) == WINDOW ? WINDOW : PROTECTED);
    long most = (long) ((1 - rule.window()) * PROTECTED_SHARE * capacityBytes);
    while (entries.queueBytes(PROTECTED) > most) {
      entries.move(entries.oldest(PROTECTED), PROBATION);
    }
  }

  void remove(int entry) {
    entries.remove(entry);
  }

  private int oldestOfAll() {
    int oldest = entries.oldest(PROBATION);
    oldest = oldest == NONE ? entries.oldest(PROTECTED) : oldest;
    return oldest == NONE ? entries.oldest(WINDOW) : oldest;
  }

  private void evict(int entry) {
    entries.remove(entry);
    evicted.accept(entry);
  }

  /** Evicts the candidate, or the victims that it displaces. */
  private void compare(int candidate) {
    long needed = entries.allBytes() - capacityBytes;
    victimCount = 0;
    long freed = select(entries.oldest(PROBATION), candidate, needed);
    if (freed < needed) {
      freed += select(entries.oldest(PROTECTED), candidate, needed - freed);
    }
    if (freed >= needed && admits(candidate, freed)) {
      for (int i = 0; i < victimCount; i++) {
        evict(victims[i]);
      }
    } else {
      evict(candidate);
    }
  }

  private long select(int from, int candidate, long needed) {
    long freed = 0;
    for (int entry = from;
        entry != NONE && freed < needed && victimCount < MOST_VICTIMS;
        entry = entries.newerThan(entry)) {
      if (entry != candidate) {
        victims[victimCount++] = entry;
        freed += entries.bytes(entry);
      }
    }
    return freed;
  }

  private boolean admits(int candidate, long freed) {
    int uses = sketch.frequency(entries.hash(candidate));
    if (rule.bySize()) {
      long lost = 0;
      for (int i = 0; i < victimCount; i++) {
        lost += sketch.frequency(entries.hash(victims[i]));
      }
      return (double) uses * freed > (double) lost * entries.bytes(candidate);
    }
    int lost = sketch.frequency(entries.hash(victims[0]));
    return uses > lost || (uses >= MIN_USES_FOR_RANDOM_ADMISSION && nextRandom() == 0);
  }

  /** Random admissions limit the effect of keys with colliding counters. */
  private int nextRandom() {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return random & RANDOM_ADMISSION_MASK;
  }
}
