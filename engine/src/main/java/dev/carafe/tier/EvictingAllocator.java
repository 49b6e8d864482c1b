package dev.carafe.tier;

import dev.carafe.base.StackReserve;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.HazardPointers;

/**
 * Allocates chunks in a full pool. Each attempt frees retired chunks, lets the policy evict
 * entries, and evacuates pages.
 */
final class EvictingAllocator {
  private static final int MAX_ATTEMPTS = 16;

  private final Arena arena;
  private final ChunkPool pool;
  private final HazardPointers hazardPointers;
  private final EntryEvacuator evacuator;
  private final PressureListener listener;
  private final ArenaResizer resizer;

  EvictingAllocator(
      Arena arena,
      ChunkPool pool,
      HazardPointers hazardPointers,
      EntryEvacuator evacuator,
      PressureListener listener,
      ArenaResizer resizer) {
    this.arena = arena;
    this.pool = pool;
    this.hazardPointers = hazardPointers;
    this.evacuator = evacuator;
    this.listener = listener;
    this.resizer = resizer;
  }

  /** Allocates a chunk of at least this length; NONE after {@value #MAX_ATTEMPTS} attempts. */
  long alloc(int bytes) {
    if (arena.isClosed() || bytes > pool.maxChunkBytes()) {
      return ChunkRef.NONE;
    }
    StackReserve.check(StackReserve.ROOM_KIB);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      hazardPointers.scan();
      listener.evictExcess();
      resizer.continueShrinking();
      long ref = pool.tryAlloc(bytes);
      if (ref == ChunkRef.NONE && pool.makeRoom(bytes, evacuator)) {
        ref = pool.tryAlloc(bytes);
      }
      if (ref != ChunkRef.NONE || arena.isClosed()) {
        return ref;
      }
      Thread.yield();
    }
    return ChunkRef.NONE;
  }
}
