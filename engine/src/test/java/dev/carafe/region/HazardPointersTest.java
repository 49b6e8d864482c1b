package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.carafe.base.Limits;
import dev.carafe.device.ProcessBarrier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * M1: a chunk is reused only after its last reader exited. The tests run with a fence on all
 * threads by the retiring thread, and with a fence by each reader.
 */
@Timeout(120)
@ParameterizedClass
@EnumSource
final class HazardPointersTest {
  enum Fence {
    OF_ALL,
    OF_EACH_READER
  }

  @Parameter Fence fence = Fence.OF_EACH_READER;

  private @Nullable Runnable processBarrier;

  private static final int CHUNK = 512;
  private static final int CHUNKS = Limits.PAGE_BYTES / CHUNK;

  private final ChunkPool pool =
      new ChunkPool(Arena.ofAuto().allocate(Limits.PAGE_BYTES, Limits.PAGE_BYTES));
  private HazardPointers hazardPointers = new HazardPointers(pool, null);

  @BeforeEach
  void chooseFence() {
    if (fence == Fence.OF_ALL) {
      processBarrier = ProcessBarrier.find();
      assumeTrue(processBarrier != null, "this system has no membarrier(2)");
      hazardPointers = new HazardPointers(pool, processBarrier);
    }
  }

  @AfterEach
  void check() {
    pool.checkInvariants();
  }

  private List<Long> fill() {
    List<Long> taken = new ArrayList<>();
    for (long ref = pool.tryAlloc(CHUNK); ref != ChunkRef.NONE; ref = pool.tryAlloc(CHUNK)) {
      taken.add(ref);
    }
    return taken;
  }

  private int enter(long ref) {
    int slot = hazardPointers.enter(ref);
    assertTrue(slot >= 0, "no slot");
    return slot;
  }

  @Test
  void withoutReadersAChunkIsFreedAtOnce() {
    long ref = pool.tryAlloc(CHUNK);
    hazardPointers.retire(ref);
    assertEquals(0, hazardPointers.pendingCount());
    assertEquals(0, pool.usedBytes());
  }

  @Test
  void aLargePoolFreesRetiredChunksInBatchesAndAtOnceByAScan() {
    ChunkPool large = new ChunkPool(Arena.ofAuto().allocate(64L << 20, Limits.PAGE_BYTES));
    HazardPointers batching = new HazardPointers(large, processBarrier);
    int few = 0;
    do {
      batching.retire(large.tryAlloc(CHUNK));
      few++;
      assertTrue((long) few * CHUNK <= large.capacityBytes() / 32, "too many chunks are retired");
    } while (batching.pendingCount() != 0);
    assertTrue(few > 1, "each chunk was freed at once");
    assertEquals(0, large.usedBytes());

    long read = large.tryAlloc(CHUNK);
    int slot = batching.enter(read);
    batching.retire(read);
    batching.retire(large.tryAlloc(CHUNK));
    assertEquals(2, batching.pendingCount());
    batching.scan();
    assertEquals(1, batching.pendingCount());
    batching.exit(slot);
    batching.awaitQuiescence();
    assertEquals(0, large.usedBytes());
    large.checkInvariants();
  }

  @Test
  void aChunkWaitsForItsReader() {
    List<Long> taken = fill();
    assertEquals(CHUNKS, taken.size());
    long ref = taken.get(3);
    int slot = enter(ref);
    hazardPointers.retire(ref);
    hazardPointers.scan();
    assertEquals(1, hazardPointers.pendingCount());
    assertEquals(ChunkRef.NONE, pool.tryAlloc(CHUNK));
    hazardPointers.exit(slot);
    assertEquals(
        ChunkRef.NONE, pool.tryAlloc(CHUNK)); // the end of a read is one store, which frees nothing
    hazardPointers.scan();
    assertEquals(0, hazardPointers.pendingCount());
    assertEquals(pool.offset(ref), pool.offset(pool.tryAlloc(CHUNK)));
  }

  @Test
  void theLastReaderAllowsTheFree() {
    long ref = pool.tryAlloc(CHUNK);
    int first = enter(ref);
    int second = enter(ref);
    assertNotEquals(first, second);
    hazardPointers.retire(ref);
    hazardPointers.exit(first);
    hazardPointers.scan();
    assertEquals(1, hazardPointers.pendingCount());
    assertEquals(CHUNK, pool.usedBytes());
    hazardPointers.exit(second);
    hazardPointers.scan();
    assertEquals(0, pool.usedBytes());
  }

  @Test
  void readersOfOtherChunksDoNotMatter() {
    long mine = pool.tryAlloc(CHUNK);
    long other = pool.tryAlloc(CHUNK);
    int slot = enter(other);
    hazardPointers.retire(mine);
    assertEquals(0, hazardPointers.pendingCount());
    assertEquals(CHUNK, pool.usedBytes());
    hazardPointers.exit(slot);
  }

  /** A reader may publish a ref without a generation, so a late reader protects the slot. */
  @Test
  void aLateReaderProtectsTheNextChunkOfTheSlot() {
    long first = pool.tryAlloc(CHUNK);
    hazardPointers.retire(first);
    long second = pool.tryAlloc(CHUNK);
    assertEquals(pool.offset(first), pool.offset(second));
    int late = enter(first); // the chunk is unlinked already
    hazardPointers.retire(second);
    assertEquals(CHUNK, pool.usedBytes());
    hazardPointers.exit(late);
    hazardPointers.scan();
    assertEquals(0, pool.usedBytes());
  }

  @Test
  void theNextRetireFreesEarlierChunks() {
    long waiting = pool.tryAlloc(CHUNK);
    long next = pool.tryAlloc(CHUNK);
    int slot = enter(waiting);
    hazardPointers.retire(waiting);
    hazardPointers.exit(slot);
    hazardPointers.retire(next);
    assertEquals(0, hazardPointers.pendingCount());
    assertEquals(0, pool.usedBytes());
  }

  @Test
  void enterReturnsNegativeWhenAllSlotsAreTaken() {
    long ref = pool.tryAlloc(CHUNK);
    List<Integer> slots = new ArrayList<>();
    for (int slot = hazardPointers.enter(ref); slot >= 0; slot = hazardPointers.enter(ref)) {
      assertTrue(!slots.contains(slot), "a slot was given twice");
      slots.add(slot);
    }
    int own = ThreadSlots.current() == ThreadSlots.NONE ? 0 : 1;
    assertEquals(own + 16, slots.size());
    hazardPointers.exit(slots.removeLast());
    slots.add(enter(ref));
    hazardPointers.retire(ref);
    for (int slot : slots) {
      assertEquals(1, hazardPointers.pendingCount());
      hazardPointers.exit(slot);
      hazardPointers.scan();
    }
    assertEquals(0, hazardPointers.pendingCount());
  }

  @Test
  void aChunkThatIsRetiredTwiceIsFound() {
    long ref = pool.tryAlloc(CHUNK);
    hazardPointers.retire(ref);
    assertThrows(IllegalStateException.class, () -> hazardPointers.retire(ref));
    assertEquals(0, hazardPointers.pendingCount());
  }

  @Test
  void closingWaitsForReadersAndFreesTheRest() throws Exception {
    List<Long> taken = fill();
    AtomicBoolean left = new AtomicBoolean();
    int slot = enter(taken.getFirst());
    taken.forEach(hazardPointers::retire);
    assertEquals(1, hazardPointers.pendingCount());
    Race.run(
        2,
        me -> {
          if (me == 0) {
            left.set(true);
            hazardPointers.exit(slot);
          } else {
            hazardPointers.awaitQuiescence();
            assertTrue(left.get(), "did not wait");
          }
        });
    assertEquals(0, hazardPointers.pendingCount());
    assertEquals(0, pool.usedBytes());
    hazardPointers.awaitQuiescence();
  }

  @Test
  void readersNeverSeeTheNextOwnersBytes() throws Exception {
    AtomicLong published = new AtomicLong(write(0));
    AtomicInteger running = new AtomicInteger(2);
    Race.run(
        4,
        me -> {
          if (me < 2) {
            for (long version = 1; version <= 20_000; version++) {
              long ref = write(2 * version + me);
              while (ref == ChunkRef.NONE) {
                Thread.yield(); // all are being read, or waiting to be
                hazardPointers.scan();
                ref = write(2 * version + me);
              }
              hazardPointers.retire(published.getAndSet(ref));
            }
            running.decrementAndGet();
          } else {
            while (running.get() > 0) {
              read(published);
            }
          }
        });
    hazardPointers.retire(published.get());
    hazardPointers.awaitQuiescence();
    assertEquals(0, hazardPointers.pendingCount());
    assertEquals(0, pool.usedBytes());
  }

  private long write(long version) {
    long ref = pool.tryAlloc(CHUNK);
    if (ref != ChunkRef.NONE) {
      MemorySegment chunk = pool.slice(ref, 0, CHUNK);
      for (int at = 0; at < CHUNK; at += 8) {
        chunk.set(JAVA_LONG, at, version);
      }
    }
    return ref;
  }

  private void read(AtomicLong published) {
    long ref = published.get();
    int slot = hazardPointers.enter(ref);
    if (slot >= 0) {
      if (published.get() == ref) {
        MemorySegment chunk = pool.slice(ref, 0, CHUNK);
        long version = chunk.get(JAVA_LONG, 0);
        for (int round = 0; round < 4; round++) {
          for (int at = 0; at < CHUNK; at += 8) {
            assertEquals(version, chunk.get(JAVA_LONG, at), "the chunk changed under its reader");
          }
        }
      }
      hazardPointers.exit(slot);
    }
  }
}
