package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The index behaves as a map, for single changes and for ordered batches of changes. */
final class FileIndexTest {
  private static long address(int number) {
    return RecordAddress.of(number % 1000, 8L * (number % 100_000), 64);
  }

  /** The lists of many caches take memory for their changes, not each for all changes. */
  @Test
  void aBatchOfManyCachesTakesMemoryForItsChanges() {
    int caches = 1_000;
    int ofEach = 50;
    KeyHashes changes = new KeyHashes(caches * ofEach);
    for (int i = 0; i < caches * ofEach; i++) {
      changes.add(new KeyHash(i * 0x9E3779B97F4A7C15L, i, 2 + i % caches), address(i + 1));
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (FileIndex index = new FileIndex(Long.MAX_VALUE)) {
      long before = threads.getCurrentThreadAllocatedBytes();
      index.putAll(changes);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertEquals(changes.count(), index.count());
      assertEquals(ofEach, index.count(2));
      assertTrue(allocated < 100_000_000, allocated + " bytes"); // 1.2 GB if each is for all
      index.checkInvariants();
    }
  }

  @Test
  void batchesAreEqualToSingleChanges() {
    SplittableRandom random = new SplittableRandom(5);
    Map<KeyHash, Long> model = new HashMap<>();
    try (FileIndex index = new FileIndex(Long.MAX_VALUE)) {
      for (int round = 0; round < 200; round++) {
        int count = round % 20 == 0 ? 40_000 : random.nextInt(2000); // 40,000: in parallel
        index.putAll(change(model, random, count, 5000)); // so that keys repeat
        index.checkInvariants();
        assertEquals(model, contents(index));
        assertEquals(model.size(), index.count());
        List<Long> addresses = new ArrayList<>();
        index.forEachAddress((cache, address) -> addresses.add(address));
        addresses.sort(null);
        assertEquals(model.values().stream().sorted().toList(), addresses);
      }
      index.putAll(new KeyHashes(1));
      assertEquals(model, contents(index));
    }
  }

  /** Batches that are large for their tables are applied to a copy of each table. */
  @Test
  void batchesIntoReservedTablesAreEqualToSingleChanges() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 20; round++) {
      Map<KeyHash, Long> model = new HashMap<>();
      try (FileIndex index = new FileIndex(Long.MAX_VALUE)) {
        index.reserve(20_000);
        for (int batch = 0; batch < 5; batch++) {
          index.putAll(change(model, random, 1 + random.nextInt(20_000), 10_000));
          index.checkInvariants();
          assertEquals(model, contents(index));
        }
        for (int key = 0; key < 100_000; key++) { // so that all tables grow
          index.put(new KeyHash(key * 0x9E3779B97F4A7C15L, 1, 0), address(key + 1));
        }
        index.checkInvariants();
        assertEquals(model.size() + 100_000, index.count());
      }
    }
  }

  /** Makes random changes to the model, a third of them removals, and returns them. */
  private static KeyHashes change(
      Map<KeyHash, Long> model, SplittableRandom random, int count, int keys) {
    KeyHashes changes = new KeyHashes(1);
    for (int i = 0; i < count; i++) {
      KeyHash hash = hash(random, keys);
      long address = random.nextInt(3) == 0 ? RecordAddress.NONE : address(i + 1);
      changes.add(hash, address);
      if (address == RecordAddress.NONE) {
        model.remove(hash);
      } else {
        model.put(hash, address);
      }
    }
    return changes;
  }

  /** One of this many hashes of four caches, ten of which have the same first word (R7). */
  private static KeyHash hash(SplittableRandom random, int count) {
    int number = random.nextInt(count);
    return new KeyHash(Long.MAX_VALUE / count * (number / 10), number % 10 << 28, number / 10 % 4);
  }

  @Test
  void singleChangesFollowTheModel() {
    SplittableRandom random = new SplittableRandom(6);
    Map<KeyHash, Long> model = new HashMap<>();
    try (FileIndex index = new FileIndex(Long.MAX_VALUE)) {
      for (int i = 0; i < 100_000; i++) {
        KeyHash hash = hash(random, 3000);
        Long before = model.get(hash);
        long known = before == null ? RecordAddress.NONE : before;
        assertEquals(known, index.find(hash));
        if (random.nextBoolean()) {
          assertEquals(known, index.put(hash, address(i)));
          model.put(hash, address(i));
        } else {
          assertEquals(known, index.remove(hash));
          model.remove(hash);
        }
      }
      index.checkInvariants();
      assertEquals(model, contents(index));
      index.clear(2);
      model.keySet().removeIf(hash -> hash.cache() == 2);
      index.checkInvariants();
      assertEquals(model, contents(index));
      assertEquals(0, index.count(2));
      assertEquals(model.size(), index.count());
      index.clear();
      assertEquals(0, index.count());
      assertEquals(Map.of(), contents(index));
    }
  }

  private static void fill(FileIndex index, int cache, int records) {
    for (int i = 0; i < records; i++) {
      var _ = index.put(new KeyHash(i * 0x9E3779B97F4A7C15L, 1, cache), address(i + 1));
    }
  }

  /** B1: the tables of a cleared cache count as memory until they are unmapped. */
  @Test
  void tablesOfAClearedCacheAreUnmappedLater() {
    try (FileIndex index = new FileIndex(Long.MAX_VALUE)) {
      fill(index, 1, 1);
      fill(index, 2, 5);
      long initialBytes = index.bytes();
      fill(index, 1, 50_000);
      long fullBytes = index.bytes();
      assertTrue(fullBytes > 10 * initialBytes, initialBytes + " to " + fullBytes);
      index.clear(1);
      assertEquals(0, index.count(1));
      assertTrue(index.bytes() >= fullBytes, "not unmapped: " + index.bytes());
      index.checkInvariants();
      index.discarded().free();
      assertEquals(initialBytes, index.bytes());
      fill(index, 1, 1000);
      assertEquals(1005, index.count());
      index.checkInvariants();
    }
  }

  /** B1: at the limit, tables are unmapped before others grow. */
  @Test
  void aLimitedIndexUnmapsTablesBeforeItGrows() {
    long maxBytes = 1 << 20;
    try (FileIndex index = new FileIndex(maxBytes)) {
      for (int cache = 1; cache <= 6; cache++) { // together they need several times the limit
        long hash = 0;
        while (index.ensureRoom(new KeyHash(hash, 1, cache)) && index.count(cache) < 20_000) {
          var _ = index.put(new KeyHash(hash, 1, cache), address(cache));
          hash += 0x9E3779B97F4A7C15L;
        }
        assertTrue(index.count(cache) > 10_000, cache + " has " + index.count(cache));
        assertTrue(index.bytes() <= maxBytes, () -> index.bytes() + " bytes");
        index.clear(cache);
      }
    }
  }

  private static Map<KeyHash, Long> contents(FileIndex index) {
    Map<KeyHash, Long> found = new HashMap<>();
    index.forEach((hash, address) -> assertEquals(null, found.put(hash, address)));
    return found;
  }
}
