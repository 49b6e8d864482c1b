package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.AsyncCarafe;
import dev.carafe.AsyncLoadingCarafe;
import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.LoadingCarafe;
import dev.carafe.base.ErrorLog;
import dev.carafe.base.Structures;
import dev.carafe.cache.keyed.KeyedCaches;
import dev.carafe.device.Device;
import dev.carafe.device.Devices;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.region.ChunkPool;
import dev.carafe.spi.CarafeEngine;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.EqualByBytes;
import dev.carafe.spi.MemoryLimits;
import dev.carafe.tier.ChunkSource;
import dev.carafe.tier.Entry;
import dev.carafe.tier.EntryWeigher;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileTierOptions;
import dev.carafe.tier.MemoryTier;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Creates caches from their specifications. {@link java.util.ServiceLoader} finds this class. */
public final class Engine implements CarafeEngine {
  /** The reciprocal of the share of memory that stays free for evacuation, loads and the spill. */
  private static final int RESERVE_SHARE = 16;

  private final DeviceSource devices;

  /** For the ServiceLoader. */
  public Engine() {
    this(Engine::openDevice);
  }

  /** Opens caches over the caller's devices, such as simulated ones. */
  private Engine(DeviceSource devices) {
    this.devices = devices;
  }

  @Override
  public <K, V> Carafe<K, V> open(CarafeSpec<K, V> spec) {
    return KeyedCaches.needsBytes(spec)
        ? KeyedCaches.open(spec, this)
        : new CarafeCache<>(assemble(spec, devices));
  }

  @Override
  public <K, V> LoadingCarafe<K, V> open(CarafeSpec<K, V> spec, CacheLoader<? super K, V> loader) {
    if (KeyedCaches.needsBytes(spec)) {
      return KeyedCaches.open(spec, loader, this);
    }
    CacheContext<K, V> context = assemble(spec, devices);
    return spec.timing().refreshAfterWrite() == null
        ? new LoadingCarafeCache<>(context, loader)
        : new RefreshingCarafeCache<>(context, loader);
  }

  @Override
  public <K, V> AsyncCarafe<K, V> openAsync(CarafeSpec<K, V> spec) {
    return KeyedCaches.needsBytes(spec)
        ? KeyedCaches.openAsync(spec, this)
        : new AsyncCarafeCache<>(assemble(spec, devices));
  }

  @Override
  public <K, V> AsyncLoadingCarafe<K, V> openAsync(
      CarafeSpec<K, V> spec, AsyncCacheLoader<? super K, V> loader) {
    return KeyedCaches.needsBytes(spec)
        ? KeyedCaches.openAsync(spec, loader, this)
        : new AsyncLoadingCarafeCache<>(assemble(spec, devices), loader);
  }

  /**
   * Opens the device of a file, and registers memory with it. The most used memory comes first,
   * since the system may accept only a part.
   */
  interface DeviceSource {
    Device open(FileOptions options, List<MemorySegment> fixed);
  }

  /** Opens a cache over the caller's device, such as a simulated one. */
  static <K, V> Carafe<K, V> open(CarafeSpec<K, V> spec, DeviceSource devices) {
    return new Engine(devices).open(spec);
  }

  /** Opens a cache over the caller's device and clocks. */
  static <K, V> Carafe<K, V> open(
      CarafeSpec<K, V> spec, DeviceSource devices, SystemClocks clocks) {
    return new CarafeCache<>(assemble(spec, devices, clocks));
  }

  private static Device openDevice(FileOptions options, List<MemorySegment> fixed) {
    return Devices.open(options.path(), options.io(), fixed);
  }

  private static <K, V> CacheContext<K, V> assemble(CarafeSpec<K, V> spec, DeviceSource devices) {
    return assemble(spec, devices, SystemClocks.ofSystem());
  }

  private static <K, V> CacheContext<K, V> assemble(
      CarafeSpec<K, V> spec, DeviceSource devices, SystemClocks clocks) {
    Expiration<K, V> expiration = new Expiration<>(spec.timing(), clocks);
    MemoryTier memory = new MemoryTier(spec.memory().regionBytes(), expiration.isOn());
    FileTier file = null;
    boolean complete = false;
    try {
      ErrorLog errors = new ErrorLog();
      StatsCounter stats = GuardedStats.of(spec.stats().get(), errors);
      ExecutorTasks tasks = new ExecutorTasks(spec.hooks().executor(), errors);
      RemovalNotifier<K, V> removals =
          new RemovalNotifier<>(spec.hooks(), spec.valueCodec(), stats, tasks);
      Gate gate = new Gate();
      FileRemovals<K> tracker = new FileRemovals<>(removals, gate);
      FileDirtySource unsaved = new FileDirtySource(spec.timing().persistWithin(), gate);
      FileOptions options = spec.file();
      if (options != null) {
        FileTierOptions tierOptions =
            new FileTierOptions(
                options,
                codecNames(spec),
                tierIndexBytes(spec),
                () -> expiration.nowNanos(errors),
                tracker,
                unsaved);
        file = openFile(tierOptions, memory, devices);
      }
      CacheContext<K, V> context = connect(spec, expiration, memory, file, removals, gate);
      tracker.attach(context.tiers());
      unsaved.attach(context.tiers().dirty, expiration.clock());
      expiration.clock().onStep(context::setWallClockLead);
      context.expirySweep().start(context);
      Structures.opened(context);
      complete = true;
      return context;
    } finally {
      if (!complete) {
        if (file != null) {
          file.close();
        }
        memory.close();
      }
    }
  }

  /** Returns the key codec. {@link KeyedCaches} wraps the codecs that are not of this type. */
  private static <K> EqualByBytes<K> keyCodec(CarafeSpec<K, ?> spec) {
    if (spec.keyCodec() instanceof EqualByBytes<K> codec) {
      return codec;
    }
    throw new IllegalArgumentException("the key codec is not an EqualByBytes codec");
  }

  private static CodecNames codecNames(CarafeSpec<?, ?> spec) {
    return new CodecNames(spec.keyCodec().fingerprint(), spec.valueCodec().fingerprint());
  }

  /** The limit of the index of each tier. */
  private static long tierIndexBytes(CarafeSpec<?, ?> spec) {
    long bytes = spec.memory().indexBytes();
    return bytes == MemoryLimits.NO_LIMIT || spec.file() == null ? bytes : bytes / 2;
  }

  private static FileTier openFile(
      FileTierOptions options, MemoryTier memory, DeviceSource devices) {
    Function<List<MemorySegment>, Device> opener =
        extentBuffers -> {
          List<MemorySegment> fixed = new ArrayList<>(extentBuffers);
          fixed.addAll(memory.pool().buffers());
          return devices.open(options.file(), fixed);
        };
    return FileTier.open(options, opener, new PoolChunkSource(memory));
  }

  private static <K, V> CacheContext<K, V> connect(
      CarafeSpec<K, V> spec,
      Expiration<K, V> expiration,
      MemoryTier memory,
      @Nullable FileTier file,
      RemovalNotifier<K, V> removals,
      Gate gate) {
    int maxBytes = Math.max(memory.maxValueBytes(), file == null ? 0 : file.maxValueBytes());
    Values<V> values = new Values<>(spec.valueCodec(), memory, maxBytes);
    KeyEncoder<K> keys = new KeyEncoder<>(keyCodec(spec), file, removals.errors());
    FileOptions options = spec.file();
    ExpirySweep expirySweep = new ExpirySweep(spec.timing());
    Set<FileOptions.Persist> persist = options == null ? Set.of() : options.persist();
    Function<Entry, @Nullable V> decoder = values::decode;
    long weight = maximumWeightBytes(memory);
    EntryLookup<K> lookup = new EntryLookup<>(keys, memory);
    MaintenanceExecutor maintenance = new MaintenanceExecutor(spec.hooks().executor(), gate);
    SharedTiers shared = new SharedTiers(memory, file);
    CacheState<K> cache = new CacheState<>(lookup, expiration, persist, removals, shared.locks);
    Tiers<K> tiers =
        new Tiers<>(
            shared,
            cache,
            evicted ->
                new HeapIndex<>(
                    memory,
                    lookup,
                    new EntryWeigher(memory, weight, tierIndexBytes(spec)),
                    expiration.isOn() ? expiration.entryExpiry(lookup::keyOf, decoder) : null,
                    spec.timing(),
                    expiration.clock()::tickerNanos,
                    maintenance,
                    evicted));
    memory.setPressureListener(tiers.demotion);
    maintenance.attach(tiers);
    EntryAges ages = new EntryAges(expiration);
    Publication<K> publication = new Publication<>(tiers, ages, true);
    Reads<K> reads =
        new Reads<>(
            publication,
            gate,
            (key, entry) -> {
              expiration.onPromote(key, entry, decoder);
              ages.recordWrite(entry);
            });
    Writes<K, V> writes = new Writes<>(tiers, values, reads, expiration, publication, gate);
    Computations<K, V> computations = new Computations<>(tiers, values, reads, writes, gate);
    Loads<K, V> loads = new Loads<>(tiers, values, reads, writes, gate, removals.stats());
    ApplicationHooks hooks =
        new ApplicationHooks(removals.stats(), spec.hooks().executor(), removals.tasks());
    Leases<K> leases = new Leases<>(tiers, reads, gate);
    AsyncReads asyncReads = new AsyncReads(file, gate, hooks.tasks());
    return new CacheContext<>(
        tiers, values, reads, writes, computations, loads, leases, asyncReads, expirySweep, hooks);
  }

  private static long maximumWeightBytes(MemoryTier memory) {
    long bytes = memory.pool().capacityBytes();
    return bytes - bytes / RESERVE_SHARE;
  }

  /** The memory tier as a source of chunks for the file tier. */
  private record PoolChunkSource(MemoryTier memory) implements ChunkSource {
    @Override
    public long alloc(int bytes) {
      return memory.alloc(bytes);
    }

    @Override
    public void free(long ref) {
      memory.free(ref);
    }

    @Override
    public ChunkPool pool() {
      return memory.pool();
    }
  }
}
