package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.carafe.log.RecordAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The index is a map, whether it is told changes one by one or many at once, in their order. */
final class FileIndexTest {
  private static long address(int number) {
    return RecordAddress.of(number % 1000, 8L * (number % 100_000), 64);
  }

  @Test
  void manyChangesAtOnceAreTheSameAsOneByOne() {
    SplittableRandom random = new SplittableRandom(5);
    Map<Long, Long> model = new HashMap<>();
    try (FileIndex index = new FileIndex()) {
      for (int round = 0; round < 200; round++) {
        int count = round % 20 == 0 ? 40_000 : random.nextInt(2000); // many: by all processors
        long[] hashes = new long[count + 1];
        long[] addresses = new long[count + 1];
        for (int i = 0; i < count; i++) {
          hashes[i] = Long.MAX_VALUE / 5000 * random.nextInt(5000); // so that keys come again
          addresses[i] = random.nextInt(3) == 0 ? RecordAddress.NONE : address(i + 1);
          if (addresses[i] == RecordAddress.NONE) {
            model.remove(hashes[i]);
          } else {
            model.put(hashes[i], addresses[i]);
          }
        }
        hashes[count] = 1; // beyond those that count
        addresses[count] = address(1);
        index.putAll(hashes, addresses, count);
        index.checkInvariants();
        assertEquals(model, contents(index));
        assertEquals(model.size(), index.count());
      }
      index.putAll(new long[0], new long[0], 0);
      assertEquals(model, contents(index));
    }
  }

  @Test
  void aMapOneByOne() {
    SplittableRandom random = new SplittableRandom(6);
    Map<Long, Long> model = new HashMap<>();
    try (FileIndex index = new FileIndex()) {
      for (int i = 0; i < 100_000; i++) {
        long hash = Long.MAX_VALUE / 3000 * random.nextInt(3000);
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
      index.clear();
      assertEquals(0, index.count());
      assertEquals(Map.of(), contents(index));
    }
  }

  private static Map<Long, Long> contents(FileIndex index) {
    Map<Long, Long> found = new HashMap<>();
    index.forEach((hash, address) -> assertEquals(null, found.put(hash, address)));
    return found;
  }
}
