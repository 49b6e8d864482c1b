package dev.carafe.tier;

import dev.carafe.base.Counter;
import dev.carafe.log.LogWriter;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;

/**
 * The TOMBSTONE and CLEAR records that the log had no room for. They are appended before any other
 * record, so that the log has a removal before each later put (contract D3).
 *
 * <p>Guarded by the history lock, except {@link #isPending}.
 *
 * <p>Proved by {@code TombstoneBacklogTest}, {@code SimEngineTest} and {@code FullHeapTest}.
 */
final class TombstoneBacklog {
  private static final int MAX_RECORDS = 64 * 1024;

  private record Tombstone(byte kind, byte[] key, KeyHash hash) {
    /** Created in advance, since it replaces the backlog also on a full heap. */
    static final Tombstone CLEAR = new Tombstone(RecordLayout.CLEAR, new byte[0], KeyHash.NONE);
  }

  /** The key of a CLEAR of one cache is the prefix of the cache's keys. */
  private Tombstone clearOf(int cache) {
    byte[] prefix = new byte[CacheNumber.PREFIX_BYTES];
    CacheNumber.write(MemorySegment.ofArray(prefix), cache);
    return new Tombstone(RecordLayout.CLEAR, prefix, live.log().file().hashOf(prefix));
  }

  private final LiveRecords live;
  private final LogWriter writer;
  private final Writeback writeback;
  private final ArrayDeque<Tombstone> records = new ArrayDeque<>();
  private volatile boolean pending;

  TombstoneBacklog(LiveRecords live, Writeback writeback) {
    this.live = live;
    this.writer = live.log().writer();
    this.writeback = writeback;
  }

  /** Returns whether records wait for room in the log. Any thread may call this. */
  boolean isPending() {
    return pending;
  }

  /** Adds the tombstone of a key. {@link #append} appends it. */
  void add(FileKey key) {
    byte[] bytes = key.bytes().toArray(ValueLayout.JAVA_BYTE);
    add(new Tombstone(RecordLayout.TOMBSTONE, bytes, key.hash()));
  }

  private void add(Tombstone tombstone) {
    if (records.size() >= MAX_RECORDS) {
      // the backlog is full: discard all records, since a removed value must not return
      replaceByClear();
      live.removeAll(live.counters().lost);
    }
    records.add(tombstone);
    pending = true;
  }

  /** Replaces the backlog by a CLEAR, which removes all keys. */
  private void replaceByClear() {
    records.clear();
    add(Tombstone.CLEAR);
  }

  /** Removes all records from the index, and appends a CLEAR in place of the backlog. */
  void clear() {
    clear(live.counters().removed);
  }

  /** Removes all records of a cache from the index, and appends a CLEAR of the cache. */
  void clear(int cache) {
    if (cache == CacheNumber.ALL) {
      clear();
      return;
    }
    Tombstone tombstone = clearOf(cache);
    live.removeAll(cache, live.counters().removed);
    add(tombstone);
    var _ = append();
  }

  /** As {@link #clear()}, because a failed sync lost records. They count as lost. */
  void discardAll() {
    clear(live.counters().lost);
  }

  private void clear(Counter reason) {
    live.removeAll(reason);
    replaceByClear();
    var _ = append();
  }

  /** Appends the backlog. Returns whether all of it is appended. */
  boolean append() {
    for (Tombstone next = records.peek(); next != null; next = records.peek()) {
      RecordLayout.Header header =
          new RecordLayout.Header(next.kind, (byte) 0, next.key.length, 0, 0, Long.MAX_VALUE);
      MemorySegment key = MemorySegment.ofArray(next.key);
      if (writer.tryAppend(header, next.hash, key, MemorySegment.NULL) == RecordAddress.NONE) {
        pending = true;
        return false;
      }
      records.remove();
      writeback.schedule();
    }
    pending = false;
    return true;
  }
}
