package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.FileOptions;
import dev.carafe.base.Structures;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.region.ChunkPool;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.EqualByBytes;
import dev.carafe.tier.AccessSample;
import dev.carafe.tier.Entry;
import dev.carafe.tier.EntryWeigher;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import dev.carafe.tier.RecentReads;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Assembles a cache over a storage.
 *
 * @param <K> keys
 * @param <V> values
 */
final class CacheAssembly<K, V> {
  private final Storage storage;
  private final int number;
  private final CarafeSpec<K, V> spec;
  private final EntryWeigher weigher;
  private final MemoryBudget.@Nullable Share share;
  private final CacheContext.Owner owner;

  /**
   * Prepares a cache.
   *
   * @param storage the memory and the file of the cache
   * @param number the number of the cache in the storage
   * @param spec the settings of the cache
   * @param weigher weighs the entries of the cache
   * @param share of the memory of a store; null if the cache has all memory
   * @param owner called when the cache has released its entries
   */
  CacheAssembly(
      Storage storage,
      int number,
      CarafeSpec<K, V> spec,
      EntryWeigher weigher,
      MemoryBudget.@Nullable Share share,
      CacheContext.Owner owner) {
    this.storage = storage;
    this.number = number;
    this.spec = spec;
    this.weigher = weigher;
    this.share = share;
    this.owner = owner;
  }

  /** Opens the cache. */
  CacheContext<K, V> open() {
    Gate gate = new Gate();
    Expiration<K, V> expiration = new Expiration<>(spec.timing(), storage.clock());
    AccessSample sample = sample();
    MemoryTier memory =
        new MemoryTier(
            number, storage.memory(), expiration.isOn(), recentReads(expiration), sample);
    StatsCounter stats = GuardedStats.of(spec.stats().get(), storage.errors());
    ExecutorTasks tasks = new ExecutorTasks(spec.hooks().executor(), storage.errors());
    RemovalNotifier<K, V> removals =
        new RemovalNotifier<>(spec.hooks(), spec.valueCodec(), stats, tasks);
    CacheContext<K, V> context = connect(expiration, memory, sample, removals, gate);
    storage.caches().add(new OpenCaches.OpenCache<>(context, share));
    context.expirySweep().start(context);
    Structures.opened(context);
    return context;
  }

  /** Returns what answers repeated reads; null if reads do more than return a value. */
  private static @Nullable RecentReads recentReads(Expiration<?, ?> expiration) {
    return expiration.dependsOnReads()
        ? null
        : new RecentReads(expiration.isOn() ? expiration::nowNanos : null);
  }

  /** Returns the key codec. KeyedCaches wraps the codecs that are not of this type. */
  private EqualByBytes<K> keyCodec() {
    if (spec.keyCodec() instanceof EqualByBytes<K> given) {
      EqualByBytes<K> codec = BoundedKeys.of(given);
      return number == CacheNumber.ALL ? codec : new NumberedKeys<>(number, codec);
    }
    throw new IllegalArgumentException("the key codec is not an EqualByBytes codec");
  }

  /** Returns what records the accesses for the miss-ratio curve; null if there is none. */
  private @Nullable AccessSample sample() {
    if (!spec.missRatioCurve()) {
      return null;
    }
    ChunkPool pool = storage.memory().pool();
    long memoryBytes = Math.min(pool.capacityBytes(), spec.memory().maximumBytes());
    return new AccessSample(
        MissRatios.sizes(memoryBytes, spec.file()),
        pool,
        () -> storage.clock().nowNanos(storage.errors()));
  }

  private CacheContext<K, V> connect(
      Expiration<K, V> expiration,
      MemoryTier memory,
      @Nullable AccessSample sample,
      RemovalNotifier<K, V> removals,
      Gate gate) {
    FileTier file = storage.file();
    int maxBytes =
        Math.max(memory.maxValueBytes(), file == null ? 0 : file.capacity().maxValueBytes());
    Values<V> values = new Values<>(spec.valueCodec(), memory, maxBytes);
    KeyEncoder<K> keys = new KeyEncoder<>(keyCodec(), file, removals.errors());
    Function<Entry, @Nullable V> decoder = values::decode;
    EntryLookup<K> lookup = new EntryLookup<>(keys, memory);
    CacheStorage own = new CacheStorage(number, memory, file);
    CacheState<K> cache = new CacheState<>(lookup, expiration, persist(), removals, own.locks);
    Tiers<K> tiers = tiers(own, cache, sample, expiration, decoder, gate);
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
    return new CacheContext<>(
        tiers,
        values,
        reads,
        writes,
        computations,
        loads,
        new Leases<>(tiers, reads, gate),
        new AsyncReads(file, gate, hooks.tasks()),
        new ExpirySweep(spec.timing()),
        hooks,
        owner);
  }

  private Tiers<K> tiers(
      CacheStorage own,
      CacheState<K> cache,
      @Nullable AccessSample sample,
      Expiration<K, V> expiration,
      Function<Entry, @Nullable V> decoder,
      Gate gate) {
    EntryLookup<K> lookup = cache.lookup();
    MaintenanceExecutor maintenance =
        new MaintenanceExecutor(
            spec.hooks().executor(), gate, () -> storage.caches().drain(number));
    return new Tiers<>(
        own,
        cache,
        sample,
        evicted ->
            new HeapIndex<>(
                own.memory,
                lookup,
                weigher,
                share,
                expiration.isOn() ? expiration.entryExpiry(lookup::keyOf, decoder) : null,
                spec.timing(),
                expiration.clock()::tickerNanos,
                maintenance,
                evicted));
  }

  private Set<FileOptions.Persist> persist() {
    FileOptions options = spec.file();
    return options == null ? Set.of() : options.persist();
  }
}
