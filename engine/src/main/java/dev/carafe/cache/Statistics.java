package dev.carafe.cache;

import dev.carafe.Health;
import dev.carafe.Health.State;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import dev.carafe.device.DeviceInfo;
import dev.carafe.device.NativeMemory;
import dev.carafe.region.ChunkPool;
import dev.carafe.tier.Degraded;
import dev.carafe.tier.FileStats;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.RecentReads;
import java.util.LinkedHashMap;
import java.util.Map;

/** Snapshots of statistics and health for the application. */
record Statistics(Tiers<?> tiers, Values<?> values, boolean closed) {

  long entryCount() {
    FileTier file = tiers.shared.file;
    long inMemory = tiers.entries.count();
    return file == null
        ? inMemory
        : Math.max(0, inMemory - tiers.shared.memory.counters().cleanCount()) + file.recordCount();
  }

  TierStats tierStats() {
    return new TierStats(memoryStats(), fileStats(), values.unreadableCount());
  }

  private TierStats.MemoryTier memoryStats() {
    Counters c = tiers.cache.counters();
    return new TierStats.MemoryTier(
        c.memoryHits.sum(),
        c.puts.sum(),
        c.promotions.sum(),
        c.overwritten.sum(),
        c.invalidated.sum(),
        c.spilled.sum(),
        c.droppedClean.sum(),
        c.dropped.sum(),
        c.expired.sum(),
        tiers.entries.count(),
        tiers.shared.memory.counters().tooLargeCount());
  }

  private TierStats.FileTier fileStats() {
    Counters c = tiers.cache.counters();
    FileTier file = tiers.shared.file;
    if (file == null) {
      return new TierStats.FileTier(
          0, c.misses.sum(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
    FileStats s = file.metrics().stats();
    return new TierStats.FileTier(
        c.fileHits.sum(),
        c.misses.sum(),
        s.recovered(),
        s.stored(),
        s.buffered(),
        s.removed(),
        s.replaced(),
        s.reclaimed(),
        s.expired(),
        s.damaged(),
        s.lost(),
        s.records(),
        s.refusedTooLarge() + c.tooLarge.sum(),
        s.refusedOverload(),
        s.refusedUnavailable(),
        s.deviceBytesRead(),
        s.deviceBytesWritten(),
        s.appendedBytes(),
        s.reinserted(),
        s.liveBytes(),
        s.capacityBytes());
  }

  MemoryUsage memoryUsage() {
    ChunkPool pool = tiers.shared.memory.pool();
    Map<String, Long> byTag = new LinkedHashMap<>();
    byTag.put("regions", closed ? 0 : pool.capacityBytes());
    byTag.put("leasedCopies", tiers.shared.memory.leasedCopyBytes().get());
    RecentReads recent = tiers.shared.memory.reads().recentReads();
    byTag.put("recentReads", recent == null ? 0 : recent.bytes());
    FileTier file = tiers.shared.file;
    if (file != null) {
      byTag.putAll(file.metrics().memoryBytes());
    }
    return new MemoryUsage(
        byTag, tiers.shared.memory.counters().valueBytes(), pool.usedBytes(), pool.capacityBytes());
  }

  Health health() {
    FileTier file = tiers.shared.file;
    if (file == null) {
      Health.Tier memory = closed ? Health.Tier.CLOSED : Health.Tier.OK;
      return new Health(memory, null, "", NativeMemory.whyLimited(), values.unreadable());
    }
    DeviceInfo info = file.metrics().deviceInfo();
    String device = info.kind() + (info.direct() ? " O_DIRECT" : "");
    if (closed) {
      return new Health(
          Health.Tier.CLOSED, Health.Tier.CLOSED, device, info.reason(), values.unreadable());
    }
    Degraded degraded = file.metrics().degraded();
    Health.Tier fileTier =
        degraded == null
            ? Health.Tier.OK
            : new Health.Tier(State.DEGRADED, degraded.reason(), degraded.since());
    return new Health(Health.Tier.OK, fileTier, device, info.reason(), values.unreadable());
  }
}
