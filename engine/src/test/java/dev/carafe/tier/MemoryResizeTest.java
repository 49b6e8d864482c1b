package dev.carafe.tier;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Together;
import dev.carafe.region.ChunkRef;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The memory tier changes its capacity while threads put and read: a read gives the value that was
 * put or a miss, no put fails, and the memory of a smaller tier goes back to the system (R3, B1,
 * B4, M1, M4).
 */
@Timeout(120)
final class MemoryResizeTest {
  private static final long MIB = 1 << 20;
  private static final int KEYS = 4_000;

  /** A tier with an index that evicts its entries in no particular order. */
  private static final class Store implements PressureListener {
    final SharedMemory memory;
    final MemoryTier tier;
    final ConcurrentHashMap<Integer, Entry> index = new ConcurrentHashMap<>();
    final AtomicLong maximumBytes = new AtomicLong();
    final AtomicInteger demoted = new AtomicInteger();

    Store(long bytes) {
      memory = new SharedMemory(bytes, this);
      tier = new MemoryTier(0, memory);
      maximumBytes.set(bytes * 15 / 16);
    }

    boolean resize(long bytes, List<MemorySegment> registered) {
      maximumBytes.set(bytes * 15 / 16);
      return memory.resize(
          bytes,
          buffers -> {
            registered.clear();
            registered.addAll(buffers);
          });
    }

    @Override
    public void evictExcess() {
      while (tier.pool().usedBytes() > maximumBytes.get() && evictAny()) {
        memory.freeRetired();
      }
    }

    private boolean evictAny() {
      int evicted = 0;
      for (var each : index.entrySet()) {
        if (evicted == 64) {
          break;
        }
        if (index.remove(each.getKey(), each.getValue())) {
          tier.release(each.getValue(), null);
          evicted++;
        }
      }
      return evicted > 0;
    }

    @Override
    public void demote(int cache, Entry entry) {
      if (index.values().remove(entry)) {
        tier.release(entry, null);
        demoted.incrementAndGet();
      }
    }

    /** Puts a value whose words are derived from key and stamp. */
    void put(int key, int words, long stamp) {
      long ref = tier.alloc(Integer.BYTES, words * Long.BYTES);
      assertNotEquals(ChunkRef.NONE, ref, () -> "no room for " + words + " words");
      MemorySegment encoded = MemorySegment.ofArray(new int[] {key});
      tier.write(
          ref,
          encoded,
          words * Long.BYTES,
          value -> {
            for (int i = 0; i < words; i++) {
              value.setAtIndex(JAVA_LONG_UNALIGNED, i, stamp * KEYS + key);
            }
          });
      Entry entry = tier.adopt(key, ref, Long.MAX_VALUE, false);
      Entry before = index.put(key, entry);
      tier.unpin(entry);
      if (before != null) {
        tier.release(before, null);
      }
    }

    /** Checks the value of a key, if there is one. */
    boolean read(int key) {
      Entry entry = index.get(key);
      Object seen = entry == null ? MemoryTier.STALE : tier.reads().read(entry, Store::check);
      if (seen == MemoryTier.STALE) {
        return false;
      }
      assertEquals(key, seen, "the value of another key");
      return true;
    }

    /** Returns the key of a value; -1 if its words differ. */
    private static Object check(MemorySegment value) {
      long first = value.get(JAVA_LONG_UNALIGNED, 0);
      for (long at = 0; at < value.byteSize(); at += Long.BYTES) {
        if (value.get(JAVA_LONG_UNALIGNED, at) != first) {
          return -1;
        }
      }
      return (int) (first % KEYS);
    }

    void close() {
      index.values().forEach(entry -> tier.release(entry, null));
      index.clear();
      tier.close();
      memory.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void valuesSurviveOrAreEvicted(long seed) throws Exception {
    Store store = new Store(8 * MIB);
    AtomicInteger running = new AtomicInteger(3);
    List<MemorySegment> registered = new ArrayList<>();
    AtomicInteger hits = new AtomicInteger();
    Together.platform(
        4,
        me -> {
          SplittableRandom random = new SplittableRandom(seed * 100 + me);
          if (me == 0) {
            while (running.get() > 0) {
              store.resize((1 + random.nextInt(16)) * MIB, registered);
            }
            return;
          }
          try {
            for (int i = 0; i < 30_000; i++) {
              int key = random.nextInt(KEYS);
              if (random.nextInt(3) == 0) {
                int most = random.nextInt(20) == 0 ? 8_000 : 600;
                store.put(key, 1 + random.nextInt(most), i);
              } else if (store.read(key)) {
                hits.getAndIncrement();
              }
            }
          } finally {
            running.getAndDecrement();
          }
        });
    assertTrue(hits.get() > 1_000, "too few hits: " + hits + ", seed " + seed);
    assertTrue(store.resize(2 * MIB, registered), "a chunk is beyond the end, seed " + seed);
    assertEquals(2 * MIB, registered.stream().mapToLong(MemorySegment::byteSize).sum());
    assertTrue(store.tier.pool().usedBytes() <= 2 * MIB);
    store.memory.checkInvariants(store.index.values());
    store.close();
  }

  /** What fits is still there after shrinking, although it lay beyond the end. */
  @Test
  void valuesBeyondTheEndAreRelocated() {
    Store store = new Store(16 * MIB);
    for (int key = 0; key < KEYS; key++) {
      store.put(key, 300, key);
    }
    for (int key = 0; key < KEYS; key++) {
      if (key % 8 != 0) {
        Entry removed = store.index.remove(key);
        assertNotNull(removed);
        store.tier.release(removed, null);
      }
    }
    assertTrue(store.resize(2 * MIB, new ArrayList<>()));
    for (int key = 0; key < KEYS; key += 8) {
      assertTrue(store.read(key), "lost " + key);
    }
    assertEquals(0, store.demoted.get());
    store.close();
  }

  @Test
  void memoryGoesBackToTheSystem() throws IOException {
    Store store = new Store(64 * MIB);
    for (int key = 0; key < KEYS; key++) {
      store.put(key, 1_900, key); // 58 MiB
    }
    long full = residentBytes(store);
    assertTrue(full > 50 * MIB, () -> full + " bytes are resident");
    assertTrue(store.resize(8 * MIB, new ArrayList<>()));
    long small = residentBytes(store);
    assertTrue(small <= 8 * MIB, () -> small + " bytes are resident");
    assertTrue(store.resize(64 * MIB, new ArrayList<>()));
    for (int key = 0; key < KEYS; key++) {
      store.put(key, 1_900, key);
    }
    assertTrue(residentBytes(store) > 50 * MIB);
    store.close();
  }

  /** The resident memory of the arena, from the mappings that begin in it. */
  private static long residentBytes(Store store) throws IOException {
    Path maps = Path.of("/proc/self/smaps");
    Assumptions.assumeTrue(Files.exists(maps), "no smaps");
    MemorySegment arena = store.tier.pool().memory();
    long kib = 0;
    boolean inside = false;
    for (String line : Files.readAllLines(maps)) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
        inside = start >= arena.address() && start < arena.address() + arena.byteSize();
      } else if (inside && line.startsWith("Rss:")) {
        kib += Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return kib * 1024;
  }

  /** A held entry keeps its chunk beyond the end. It goes with a later attempt. */
  @Test
  void aHeldEntryStays() {
    Store store = new Store(8 * MIB);
    for (int key = 0; key < 500; key++) {
      store.put(key, 1_500, key);
    }
    Entry last = null;
    for (Entry entry : store.index.values()) {
      last = last == null || offset(store, entry) > offset(store, last) ? entry : last;
    }
    assertNotNull(last);
    assertTrue(store.tier.hold(last));
    assertFalse(store.resize(2 * MIB, new ArrayList<>()));
    MemorySegment view = store.tier.reads().pinnedView(last);
    assertNotEquals(-1, Store.check(view));
    assertTrue(offset(store, last) >= 2 * MIB);
    store.tier.endHold(last);
    for (int key = 0; key < 500; key++) {
      store.put(key, 1_500, key + 1); // finds the memory full
    }
    Entry moved = last;
    assertTrue(moved.ref() == ChunkRef.NONE || offset(store, moved) < 2 * MIB);
    assertTrue(store.resize(2 * MIB, new ArrayList<>()));
    store.memory.checkInvariants(store.index.values());
    store.close();
  }

  private static long offset(Store store, Entry entry) {
    return store.tier.pool().offset(entry.ref());
  }

  @Test
  void aWrongCapacityIsRefused() { // F4
    Store store = new Store(MIB);
    long max = store.tier.pool().memory().byteSize();
    for (long wrong : new long[] {-1, 0, 4095, max + 4096, Long.MAX_VALUE}) {
      var refused =
          assertThrows(
              IllegalArgumentException.class, () -> store.resize(wrong, new ArrayList<>()));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("memory is " + wrong), refused::toString);
    }
    assertEquals(MIB, store.tier.pool().capacityBytes());
    store.close();
    assertThrows(IllegalStateException.class, () -> store.resize(MIB, new ArrayList<>())); // M4
  }
}
