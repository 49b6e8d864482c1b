package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.base.Structures;
import dev.carafe.region.ChunkRef;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileRead;
import dev.carafe.tier.FileTier;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The check after each test finds damage to the structures. Each of these tests breaks one
 * structure, and repairs it before the check.
 */
@Timeout(60)
final class StructuresTest {
  @TempDir Path directory;
  private Carafe<Long, byte[]> cache;
  private CacheContext<Long, byte[]> context;

  @BeforeEach
  void open() {
    cache =
        Carafe.newBuilder()
            .keyCodec(Codec.int64())
            .valueCodec(Codec.bytes())
            .memory(1 << 20)
            .file(directory.resolve("c"), 16 << 20)
            .build();
    context = ((CarafeCache<Long, byte[]>) cache).context;
    cache.put(1L, new byte[100]);
    cache.flush();
    context.checkInvariants();
  }

  @AfterEach
  void close() {
    cache.close();
  }

  private Entry entry() {
    return Objects.requireNonNull(context.tiers().entries.find(1L));
  }

  private FileTier file() {
    return Objects.requireNonNull(context.tiers().storage.file);
  }

  private static void assertFound(String invariant, Structures.Structure broken) {
    Throwable found = assertThrows(IllegalStateException.class, broken::checkInvariants);
    assertTrue(found.toString().contains(invariant), found::toString);
  }

  @Test
  void operationNotEnded() {
    int pass = context.gate().enter();
    assertFound("Gate", context);
    context.gate().exit(pass);
  }

  @Test
  void lockHeld() {
    ReentrantLock lock = context.tiers().storage.locks.of(1L);
    lock.lock();
    try {
      assertFound("KeyLocks", context);
    } finally {
      lock.unlock();
    }
  }

  @Test
  void loadNotEnded() {
    CompletableFuture<Integer> done = CompletableFuture.completedFuture(1);
    for (Load load :
        List.of(Load.ofCurrentThread(Load.Kind.LOAD), Load.ofFuture(Load.Kind.SUPPLIED, done))) {
      context.tiers().cache.flights().begin(7L, load);
      assertFound("Flights", context);
      context.tiers().cache.flights().end(7L, load, null);
    }
  }

  @Test
  void leakedChunk() {
    long ref = context.tiers().storage.memory.alloc(100);
    assertTrue(ref != ChunkRef.NONE);
    assertFound("MemoryTier 2", context);
    context.tiers().storage.memory.free(ref);
  }

  @Test
  void leakedPin() {
    assertTrue(context.tiers().storage.memory.pin(entry()));
    assertFound("MemoryTier 3", context);
    context.tiers().storage.memory.unpin(entry());
  }

  @Test
  void unreachableEntry() {
    MemorySegment key = MemorySegment.ofArray(new byte[8]);
    long ref = context.tiers().storage.memory.alloc(8, 100);
    context.tiers().storage.memory.write(ref, key, 100, value -> {});
    Entry lost = context.tiers().storage.memory.adopt(2L, ref, Long.MAX_VALUE, false);
    context.tiers().storage.memory.unpin(lost);
    assertFound("MemoryTier 2", context);
    var _ = context.tiers().storage.memory.release(lost, null);
  }

  @Test
  void releasedEntryInTheIndex() {
    assertTrue(context.tiers().storage.memory.hold(entry()));
    Entry held = entry();
    var _ = context.tiers().storage.memory.release(held, null);
    assertFound("MemoryTier 1", context);
    context.tiers().cache.counters().dropped.increment(); // as an eviction does that releases it
    cache.put(1L, new byte[100]); // removes it from the index
    context.tiers().storage.memory.endHold(held);
  }

  @Test
  void wrongCounter() {
    context.tiers().cache.counters().puts.increment();
    assertFound("Counters", context);
    context.tiers().cache.counters().puts.decrement();
  }

  @Test
  void leakedReadBuffer() {
    cache.invalidate(1L);
    cache.put(1L, new byte[100]);
    cache.flush();
    FileRead begun = begin(1L);
    assertFound("ReadBuffers", file());
    begun.abandon();
  }

  private FileRead begin(long key) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[Long.BYTES]);
    Codec.int64().encode(key, bytes);
    return Objects.requireNonNull(file().beginRead(new FileKey(bytes, file().hashOf(bytes))));
  }

  /** Damage that is found at close is reported after the test. Background work has 5 s to end. */
  @Test
  void closingCacheIsChecked() {
    context.tiers().cache.counters().puts.increment();
    Structures.closing(context); // as close() does
    List<Throwable> broken = Structures.takeBroken();
    assertEquals(1, broken.size(), broken::toString);
    assertTrue(broken.getFirst().toString().contains("Counters"), broken::toString);
    assertEquals(List.of(), Structures.takeBroken());
    context.tiers().cache.counters().puts.decrement();
  }
}
