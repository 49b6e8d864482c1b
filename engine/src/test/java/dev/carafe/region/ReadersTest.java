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
 * M1: a chunk is reused only after its last reader left, and surely then; with a fence that one
 * thread makes for all, and with each reader's own.
 */
@Timeout(120)
@ParameterizedClass
@EnumSource
final class ReadersTest {
  enum Fence {
    OF_ALL,
    OF_EACH_READER
  }

  @Parameter Fence fence = Fence.OF_EACH_READER;

  private @Nullable Runnable fenceOfAll;

  private static final int CHUNK = 512;
  private static final int CHUNKS = Limits.PAGE_BYTES / CHUNK;

  private final ChunkPool pool =
      new ChunkPool(Arena.ofAuto().allocate(Limits.PAGE_BYTES, Limits.PAGE_BYTES));
  private Readers readers = new Readers(pool, null);

  @BeforeEach
  void chooseFence() {
    if (fence == Fence.OF_ALL) {
      fenceOfAll = ProcessBarrier.find();
      assumeTrue(fenceOfAll != null, "this system has no membarrier(2)");
      readers = new Readers(pool, fenceOfAll);
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
    int slot = readers.enter(ref);
    assertTrue(slot >= 0, "no slot");
    return slot;
  }

  @Test
  void withoutReadersAChunkIsFreedAtOnce() {
    long ref = pool.tryAlloc(CHUNK);
    readers.retire(ref);
    assertEquals(0, readers.pendingCount());
    assertEquals(0, pool.usedBytes());
  }

  @Test
  void inALargePoolAFewWaitForCompanyAndAreToBeHadAtOnce() {
    ChunkPool large = new ChunkPool(Arena.ofAuto().allocate(64L << 20, Limits.PAGE_BYTES));
    Readers patient = new Readers(large, fenceOfAll);
    int few = 0;
    do {
      patient.retire(large.tryAlloc(CHUNK));
      few++;
      assertTrue(few < 1000, "too many wait");
    } while (patient.pendingCount() != 0);
    assertTrue(few > 1, "nobody waited");
    assertEquals(0, large.usedBytes());

    long read = large.tryAlloc(CHUNK);
    int slot = patient.enter(read);
    patient.retire(read);
    patient.retire(large.tryAlloc(CHUNK));
    assertEquals(2, patient.pendingCount());
    patient.reap();
    assertEquals(1, patient.pendingCount());
    patient.exit(slot);
    patient.awaitQuiescence();
    assertEquals(0, large.usedBytes());
    large.checkInvariants();
  }

  @Test
  void aChunkWaitsForItsReader() {
    List<Long> taken = fill();
    assertEquals(CHUNKS, taken.size());
    long ref = taken.get(3);
    int slot = enter(ref);
    readers.retire(ref);
    readers.reap();
    assertEquals(1, readers.pendingCount());
    assertEquals(ChunkRef.NONE, pool.tryAlloc(CHUNK));
    readers.exit(slot);
    assertEquals(ChunkRef.NONE, pool.tryAlloc(CHUNK)); // leaving is one store; it frees nothing
    readers.reap();
    assertEquals(0, readers.pendingCount());
    assertEquals(pool.offset(ref), pool.offset(pool.tryAlloc(CHUNK)));
  }

  @Test
  void theLastOfSeveralReadersCounts() {
    long ref = pool.tryAlloc(CHUNK);
    int first = enter(ref);
    int second = enter(ref);
    assertNotEquals(first, second);
    readers.retire(ref);
    readers.exit(first);
    readers.reap();
    assertEquals(1, readers.pendingCount());
    assertEquals(CHUNK, pool.usedBytes());
    readers.exit(second);
    readers.reap();
    assertEquals(0, pool.usedBytes());
  }

  @Test
  void readersOfOtherChunksDoNotMatter() {
    long mine = pool.tryAlloc(CHUNK);
    long other = pool.tryAlloc(CHUNK);
    int slot = enter(other);
    readers.retire(mine);
    assertEquals(0, readers.pendingCount());
    assertEquals(CHUNK, pool.usedBytes());
    readers.exit(slot);
  }

  @Test
  void aReaderOfTheNextOwnersChunkDoesNotHoldTheLastOwners() {
    long first = pool.tryAlloc(CHUNK);
    readers.retire(first);
    long second = pool.tryAlloc(CHUNK);
    assertEquals(pool.offset(first), pool.offset(second));
    int late = enter(first); // too late: it will find that the chunk is not in use any more
    readers.retire(second);
    assertEquals(0, pool.usedBytes());
    readers.exit(late);
  }

  @Test
  void theNextRetireFreesWhatWaited() {
    long waiting = pool.tryAlloc(CHUNK);
    long next = pool.tryAlloc(CHUNK);
    int slot = enter(waiting);
    readers.retire(waiting);
    readers.exit(slot);
    readers.retire(next);
    assertEquals(0, readers.pendingCount());
    assertEquals(0, pool.usedBytes());
  }

  @Test
  void slotsAreBoundedAndFullIsAnAnswer() {
    long ref = pool.tryAlloc(CHUNK);
    List<Integer> slots = new ArrayList<>();
    for (int slot = readers.enter(ref); slot >= 0; slot = readers.enter(ref)) {
      assertTrue(!slots.contains(slot), "a slot was given twice");
      slots.add(slot);
    }
    int own = Seats.mine() == Seats.NONE ? 0 : 1;
    assertEquals(own + 16, slots.size());
    readers.exit(slots.removeLast());
    slots.add(enter(ref));
    readers.retire(ref);
    for (int slot : slots) {
      assertEquals(1, readers.pendingCount());
      readers.exit(slot);
      readers.reap();
    }
    assertEquals(0, readers.pendingCount());
  }

  @Test
  void aChunkThatIsRetiredTwiceIsFound() {
    long ref = pool.tryAlloc(CHUNK);
    readers.retire(ref);
    assertThrows(IllegalStateException.class, () -> readers.retire(ref));
    assertEquals(0, readers.pendingCount());
  }

  @Test
  void closingWaitsForReadersAndFreesTheRest() throws Exception {
    List<Long> taken = fill();
    AtomicBoolean left = new AtomicBoolean();
    int slot = enter(taken.getFirst());
    taken.forEach(readers::retire);
    assertEquals(1, readers.pendingCount());
    Race.run(
        2,
        me -> {
          if (me == 0) {
            left.set(true);
            readers.exit(slot);
          } else {
            readers.awaitQuiescence();
            assertTrue(left.get(), "did not wait");
          }
        });
    assertEquals(0, readers.pendingCount());
    assertEquals(0, pool.usedBytes());
    readers.awaitQuiescence();
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
                readers.reap();
                ref = write(2 * version + me);
              }
              readers.retire(published.getAndSet(ref));
            }
            running.decrementAndGet();
          } else {
            while (running.get() > 0) {
              read(published);
            }
          }
        });
    readers.retire(published.get());
    readers.awaitQuiescence();
    assertEquals(0, readers.pendingCount());
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
    int slot = readers.enter(ref);
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
      readers.exit(slot);
    }
  }
}
