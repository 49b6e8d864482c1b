package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the shadow log with a model, and the selected rules with the best ones. */
class AdmissionPolicyTest {
  private static final List<AdmissionRule> RULES = Arrays.asList(AdmissionRule.values());
  private static final int BYTES = 100;

  /** A log as a list of records, oldest first. */
  private static final class Model {
    final List<Sample> log = new ArrayList<>();
    long capacity;

    Model(long capacity) {
      this.capacity = capacity;
    }

    Sample find(int hash) {
      return log.stream()
          .filter(one -> one.hash == hash)
          .findFirst()
          .orElse(new Sample(hash, 0, false));
    }

    void remove(int hash) {
      log.removeIf(one -> one.hash == hash);
    }

    boolean read(int hash) {
      Sample found = find(hash);
      found.read = true;
      return found.bytes != 0;
    }

    long append(int hash, int bytes) {
      remove(hash);
      if (bytes > capacity) {
        return 0;
      }
      log.add(new Sample(hash, bytes, false));
      long appended = bytes;
      while (used() > capacity) {
        Sample oldest = log.removeFirst();
        if (oldest.read) {
          log.add(new Sample(oldest.hash, oldest.bytes, false));
          appended += oldest.bytes;
        }
      }
      return appended;
    }

    long used() {
      return log.stream().mapToLong(one -> one.bytes).sum();
    }

    private static final class Sample {
      final int hash;
      final int bytes;
      boolean read;

      Sample(int hash, int bytes, boolean read) {
        this.hash = hash;
        this.bytes = bytes;
        this.read = read;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void shadowLogEqualsAListOfRecords(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SplittableRandom hashes = new SplittableRandom(17);
    int[] keys = hashes.ints(300).toArray();
    long capacity = 5_000;
    ShadowLog log = new ShadowLog(capacity);
    Model model = new Model(capacity);
    for (int i = 0; i < 60_000; i++) {
      String at = "seed " + seed + ", operation " + i;
      int hash = keys[random.nextInt(keys.length)];
      int size = 1 + random.nextInt(random.nextInt(50) == 0 ? 6_000 : 100);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> assertEquals(model.read(hash), log.read(hash), at);
        case 3 -> {
          model.remove(hash);
          log.remove(hash);
        }
        default -> {
          if (log.hasNoSlot()) {
            int bit = Integer.MIN_VALUE;
            log.halve(bit);
            model.capacity /= 2;
            model.log.removeIf(one -> (one.hash & bit) != 0);
            while (model.used() > model.capacity) {
              model.log.removeFirst();
            }
          }
          assertEquals(model.append(hash, size), log.append(hash, size), at);
          assertEquals(model.find(hash).bytes == size, log.contains(hash, size), at);
        }
      }
      assertEquals(model.log.size(), log.count(), at);
      assertEquals(model.used() + size > model.capacity, log.isFullFor(size), at);
      if (!model.log.isEmpty()) {
        assertEquals(model.log.getFirst().hash, log.oldestHash(), at);
        assertEquals(model.log.getFirst().read, log.isOldestRead(), at);
      }
      if (i % 20_000 == 19_999) {
        log.clear();
        model.log.clear();
      }
    }
  }

  @Test
  void halvingKeepsTheRecordsOfHalfTheHashes() {
    ShadowLog log = new ShadowLog(1_000_000);
    SplittableRandom random = new SplittableRandom(5);
    Set<Integer> kept = new HashSet<>();
    Set<Integer> all = new HashSet<>();
    while (!log.hasNoSlot()) {
      int hash = random.nextInt();
      if (all.add(hash)) {
        assertEquals(BYTES, log.append(hash, BYTES));
        if (hash % 3 == 0) {
          log.remove(hash);
        } else if (hash >= 0) {
          kept.add(hash);
        }
      }
    }
    log.halve(Integer.MIN_VALUE);
    assertEquals(kept.size(), log.count());
    for (int hash : all) {
      assertEquals(kept.contains(hash), log.contains(hash, BYTES));
    }
    assertFalse(log.hasNoSlot());
  }

  /** A file of a number of records, without memory: each lookup that misses is an eviction. */
  private static final class File {
    final AdmissionPolicy policy;
    final ShadowLog log; // what the file holds; it is not larger than a shadow without a sample
    final SplittableRandom random = new SplittableRandom(11);
    long hits;
    long written;

    File(int records) {
      policy = new AdmissionPolicy((long) BYTES * records, RULES);
      log = new ShadowLog((long) BYTES * records);
    }

    void use(long key) {
      int hash = hash(key);
      policy.lookedUp(hash);
      boolean hit = log.read(hash);
      hits += hit ? 1 : 0;
      if (policy.evicted(hash, BYTES, false, log.isFullFor(BYTES)) && !hit) {
        written += log.append(hash, BYTES) / BYTES;
      }
    }
  }

  private static int hash(long key) {
    return new SplittableRandom(key).nextInt();
  }

  @Test
  void aFileThatIsNotFullAdmitsAll() {
    AdmissionPolicy policy = new AdmissionPolicy(1000 * BYTES, List.of(AdmissionRule.THREE_TIMES));
    for (int key = 0; key < 900; key++) {
      assertTrue(policy.evicted(hash(key), BYTES, false, false));
    }
    assertFalse(policy.evicted(hash(1000), BYTES, false, true), "never used");
    policy.lookedUp(hash(1000));
    policy.lookedUp(hash(1000));
    assertFalse(policy.evicted(hash(1000), BYTES, false, true), "used twice");
    assertTrue(policy.evicted(hash(1000), BYTES, true, true), "memory has answered a read");
  }

  @Test
  void aLoopLongerThanTheFileKeepsAPartOfIt() {
    File file = new File(400);
    for (int i = 0; i < 100_000; i++) {
      file.use(i % 1000);
    }
    assertTrue(file.hits > 35_000, "hits of the best 40,000: " + file.hits);
    assertTrue(file.written < 10_000, "writes of 100,000: " + file.written);
    assertEquals(AdmissionRule.MORE_FREQUENT, file.policy.rule());
  }

  @Test
  void valuesThatAreReadOnceMoreSoonAreAllWritten() {
    File file = new File(400);
    for (int i = 0; i < 100_000; i++) {
      file.use(i);
      file.use(Math.max(0, i - 100)); // the second and last use of the key
    }
    assertTrue(file.hits > 95_000, "hits of the best 100,000: " + file.hits);
    assertEquals(AdmissionRule.ALL, file.policy.rule());
  }

  @Test
  void aFloodOfNewKeysIsNotWritten() {
    File file = new File(400);
    for (int i = 0; i < 100_000; i++) {
      file.use(1_000_000 + i);
      file.use(file.random.nextInt(500));
    }
    assertTrue(file.hits > 30_000, "hits of the best 40,000: " + file.hits);
    assertTrue(file.written < 30_000, "writes of 200,000: " + file.written);
    assertNotEquals(AdmissionRule.ALL, file.policy.rule());
  }

  @Test
  void theRuleFollowsTheAccesses() {
    File file = new File(400);
    for (int i = 0; i < 50_000; i++) {
      file.use(i % 1000);
    }
    assertEquals(AdmissionRule.MORE_FREQUENT, file.policy.rule());
    for (int i = 0; i < 50_000; i++) {
      file.use(10_000 + i);
      file.use(10_000 + Math.max(0, i - 100));
    }
    assertEquals(AdmissionRule.ALL, file.policy.rule());
  }

  /** The sample makes the memory of the shadows independent of the file's size. */
  @Test
  void aLargeFileIsDecidedByASample() {
    int records = 200_000;
    AdmissionPolicy policy = new AdmissionPolicy((long) BYTES * records, RULES);
    long before = policy.heapBytes();
    long admitted = 0;
    for (int i = 0; i < 2_500_000; i++) {
      int hash = hash(i % 500_000);
      policy.lookedUp(hash);
      boolean isFull = i >= records;
      admitted += policy.evicted(hash, BYTES, false, isFull) && i > 2_000_000 ? 1 : 0;
    }
    assertEquals(AdmissionRule.MORE_FREQUENT, policy.rule());
    assertTrue(admitted < 150_000, "of 500,000: " + admitted);
    long grown = policy.heapBytes() - before;
    assertTrue(grown <= 8L * records, "the sketch grew by " + grown + " bytes");
  }

  @Test
  void removedAndClearedRecordsAreNotInTheShadows() {
    AdmissionPolicy policy = new AdmissionPolicy(10 * BYTES, List.of(AdmissionRule.MORE_FREQUENT));
    for (int key = 0; key < 10; key++) {
      policy.lookedUp(hash(key));
      var _ = policy.evicted(hash(key), BYTES, false, false);
    }
    policy.lookedUp(hash(99));
    assertFalse(policy.evicted(hash(99), BYTES, false, true), "the oldest was used as often");
    policy.removed(hash(0));
    policy.lookedUp(hash(99));
    assertTrue(policy.evicted(hash(99), BYTES, false, true), "used more often than key 1");
    policy.cleared();
    assertTrue(policy.evicted(hash(100), BYTES, false, true), "there is no record to compare with");
  }
}
