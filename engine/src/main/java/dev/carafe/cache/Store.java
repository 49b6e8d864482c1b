package dev.carafe.cache;

import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.spi.CacheEngine;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.StoreEngine;
import dev.carafe.spi.StoreSpec;
import dev.carafe.tier.EntryWeigher;
import dev.carafe.tier.FileTier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The caches of a store: opens them by name, drops them, and closes them.
 *
 * <p>The monitor guards the maps of the caches. It is not held while an operation of a cache or of
 * the file is awaited, except that of the names.
 */
final class Store implements StoreEngine {
  private final StoreSpec spec;
  private final Storage storage;
  private final CacheNames names;
  private final MemoryBudget budget;
  private final StoreCapacity capacity;
  private final StoreStatistics statistics;
  private final Map<String, CacheContext<?, ?>> open = new LinkedHashMap<>();

  /** The names that are being dropped. */
  private final Set<String> dropping = new HashSet<>();

  private final DroppedCaches dropped = new DroppedCaches();

  private boolean closing;

  Store(StoreSpec spec, Storage storage) {
    this.spec = spec;
    this.storage = storage;
    this.names =
        new CacheNames(storage.file(), spec.file() == null ? Path.of("") : spec.file().path());
    storage.caches().add(names::save);
    long memoryBytes = storage.memory().pool().capacityBytes();
    this.budget = new MemoryBudget(storage.caches(), Engine.maximumWeightBytes(memoryBytes));
    this.capacity = new StoreCapacity(storage, budget);
    this.statistics = new StoreStatistics(storage);
  }

  @Override
  public CacheEngine cache(String name) {
    return new CacheOpener() {
      @Override
      <K, V> CacheContext<K, V> assemble(CarafeSpec<K, V> settings) {
        return openCache(name, settings, () -> {});
      }
    };
  }

  /**
   * Opens a cache.
   *
   * @param name of the cache
   * @param given the settings of the cache
   * @param onRelease called after the cache has released its memory, without a lock
   */
  <K, V> CacheContext<K, V> openCache(String name, CarafeSpec<K, V> given, Runnable onRelease) {
    CarafeSpec<K, V> settings = given.in(spec);
    CodecNames codecs =
        new CodecNames(settings.keyCodec().fingerprint(), settings.valueCodec().fingerprint());
    int pass = enter();
    try {
      synchronized (this) {
        requireNotOpen(name);
        MemoryBudget.Share share =
            budget.open(name, settings.memory().regionBytes(), settings.memory().maximumBytes());
        CacheContext<K, V> context = null;
        try {
          int number = names.open(name, codecs);
          EntryWeigher weigher =
              new EntryWeigher(
                  storage.memory().pool(),
                  budget.totalBytes(),
                  Engine.tierIndexBytes(spec.memory(), spec.file()));
          context =
              new CacheAssembly<>(
                      storage,
                      number,
                      settings,
                      weigher,
                      share,
                      new Member(name, number, share, onRelease))
                  .open();
          open.put(name, context);
        } finally {
          if (context == null) {
            budget.close(share);
          }
        }
        return context;
      }
    } finally {
      storage.gate().exit(pass);
    }
  }

  private void requireNotOpen(String name) {
    requireOpenStore();
    if (open.containsKey(name)) {
      throw new IllegalStateException(
          "cache '"
              + name
              + "' of this store is open already: share that cache, close it first, or choose"
              + " another name");
    }
    if (dropping.contains(name)) {
      throw new IllegalStateException(
          "cache '" + name + "' is being dropped: open it when drop has returned");
    }
  }

  /** A cache as a member of this store. */
  private final class Member implements CacheContext.Owner {
    private final String name;
    private final int number;
    private final MemoryBudget.Share share;
    private final Runnable onRelease;

    private Member(String name, int number, MemoryBudget.Share share, Runnable onRelease) {
      this.name = name;
      this.number = number;
      this.share = share;
      this.onRelease = onRelease;
    }

    /** The storage checks the memory when no cache is in use. */
    @Override
    public void checkMemory() {}

    @Override
    public void release() {
      synchronized (Store.this) {
        CacheContext<?, ?> context = open.get(name);
        if (context != null && context.tiers().storage.number == number) {
          open.remove(name);
        }
        OpenCaches.OpenCache<?> cache = storage.caches().find(number);
        if (cache != null) {
          statistics.addClosed(cache);
        }
        storage.caches().remove(number);
        budget.close(share);
        names.reuse(number);
      }
      onRelease.run();
    }
  }

  /** Returns whether no cache is open or being released. */
  synchronized boolean isUnused() {
    return open.isEmpty() && dropped.isEmpty();
  }

  @Override
  public synchronized Set<String> cacheNames() {
    statistics.requireOpen();
    return names.names();
  }

  @Override
  public void drop(String name) {
    int pass = enter();
    try {
      CacheContext<?, ?> context;
      synchronized (this) {
        requireOpenStore();
        if (names.find(name) == null || !dropping.add(name)) {
          return;
        }
        context = open.get(name);
      }
      try {
        drop(name, context != null && context.discard() ? context : null);
      } finally {
        synchronized (this) {
          dropping.remove(name);
        }
      }
    } finally {
      storage.gate().exit(pass);
    }
  }

  private void drop(String name, @Nullable CacheContext<?, ?> discarded) {
    FileTier file = storage.file();
    if (discarded != null) {
      dropped.add(discarded);
    }
    try {
      synchronized (this) {
        open.remove(name);
        names.drop(name, discarded != null);
      }
      flushFile();
    } finally { // after the sync, which this work would delay
      if (discarded != null) {
        dropped.startRelease(discarded);
      }
      if (file != null) {
        file.capacity().reclaimDead();
      }
    }
  }

  private void requireOpenStore() {
    if (closing) {
      throw new IllegalStateException("the store is closed");
    }
  }

  private void flushFile() {
    FileTier file = storage.file();
    if (file != null) {
      file.flush();
    }
  }

  private int enter() {
    statistics.requireOpen();
    return storage.gate().enter();
  }

  private synchronized List<CacheContext<?, ?>> openContexts() {
    return new ArrayList<>(open.values());
  }

  @Override
  public void resize(long memoryBytes, long fileBytes) {
    int pass = enter();
    try {
      capacity.resize(memoryBytes, fileBytes);
    } finally {
      storage.gate().exit(pass);
    }
  }

  @Override
  public void flush() {
    int pass = enter();
    try {
      for (CacheContext<?, ?> context : openContexts()) {
        context.persistUnlessClosed();
      }
      names.saveOrThrow();
      flushFile();
    } finally {
      storage.gate().exit(pass);
    }
  }

  @Override
  public Health health() {
    return statistics.health();
  }

  @Override
  public MemoryUsage memoryUsage() {
    return statistics.memoryUsage();
  }

  @Override
  public TierStats tierStats() {
    return statistics.tierStats();
  }

  @Override
  public synchronized Map<String, TierStats> tierStatsByCache() {
    statistics.requireOpen();
    Map<String, TierStats> byName = new LinkedHashMap<>();
    open.forEach((name, context) -> byName.put(name, context.statistics().tierStats()));
    return byName;
  }

  @Override
  public void close() {
    List<CacheContext<?, ?>> contexts = openContexts();
    for (CacheContext<?, ?> context : contexts) {
      context.requireOutside("close() of the store");
    }
    synchronized (this) {
      closing = true;
    }
    openContexts().forEach(CacheContext::close);
    dropped.releaseAll();
    storage.close();
  }
}
