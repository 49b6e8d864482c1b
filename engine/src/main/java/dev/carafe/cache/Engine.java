package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.cache.Storage.DeviceSource;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.spi.CacheEngine;
import dev.carafe.spi.CarafeEngine;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.MemoryLimits;
import dev.carafe.spi.StoreEngine;
import dev.carafe.spi.StoreSpec;
import dev.carafe.tier.EntryWeigher;
import org.jspecify.annotations.Nullable;

/** Creates caches from their specifications. {@link java.util.ServiceLoader} finds this class. */
public final class Engine extends CacheOpener implements CarafeEngine {
  /** The reciprocal of the share of memory that stays free for evacuation, loads and the spill. */
  private static final int RESERVE_SHARE = 16;

  private static final SharedStores SHARED =
      new SharedStores(spec -> openStore(spec, DeviceSource.SYSTEM, SystemClocks.ofSystem()));

  private final DeviceSource devices;

  /** For the ServiceLoader. */
  public Engine() {
    this(DeviceSource.SYSTEM);
  }

  /** Opens caches over the caller's devices, such as simulated ones. */
  private Engine(DeviceSource devices) {
    this.devices = devices;
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

  @Override
  <K, V> CacheContext<K, V> assemble(CarafeSpec<K, V> spec) {
    return assemble(spec, devices, SystemClocks.ofSystem());
  }

  @Override
  public StoreEngine openStore(StoreSpec spec) {
    return openStore(spec, devices, SystemClocks.ofSystem());
  }

  @Override
  public CacheEngine shared(StoreSpec spec, String name) {
    return new CacheOpener() {
      @Override
      <K, V> CacheContext<K, V> assemble(CarafeSpec<K, V> settings) {
        return SHARED.open(spec, name, settings);
      }
    };
  }

  /** Opens a store over the caller's device and clocks. */
  static Store openStore(StoreSpec spec, DeviceSource devices, SystemClocks clocks) {
    Storage storage =
        new Storage(
            new Storage.Options(
                spec.memory().regionBytes(),
                tierIndexBytes(spec.memory(), spec.file()),
                spec.file(),
                CodecNames.MANY_CACHES,
                spec.persistWithin(),
                spec.ticker(),
                spec.writeBudget()),
            devices,
            clocks);
    boolean complete = false;
    try {
      Store store = new Store(spec, storage);
      complete = true;
      return store;
    } finally {
      if (!complete) {
        storage.close();
      }
    }
  }

  /** Opens a storage with one cache, which closes it. */
  private static <K, V> CacheContext<K, V> assemble(
      CarafeSpec<K, V> spec, DeviceSource devices, SystemClocks clocks) {
    Storage storage =
        new Storage(
            new Storage.Options(
                spec.memory().regionBytes(),
                tierIndexBytes(spec.memory(), spec.file()),
                spec.file(),
                new CodecNames(spec.keyCodec().fingerprint(), spec.valueCodec().fingerprint()),
                spec.timing().persistWithin(),
                spec.timing().ticker(),
                spec.writeBudget()),
            devices,
            clocks);
    boolean complete = false;
    try {
      EntryWeigher weigher =
          new EntryWeigher(
              storage.memory().pool(),
              maximumWeightBytes(storage.memory().pool().capacityBytes()),
              tierIndexBytes(spec.memory(), spec.file()));
      CacheAssembly<K, V> assembly =
          new CacheAssembly<>(storage, CacheNumber.ALL, spec, weigher, null, storage);
      CacheContext<K, V> context = assembly.open();
      complete = true;
      return context;
    } finally {
      if (!complete) {
        storage.close();
      }
    }
  }

  /** The limit of the index of each tier. */
  static long tierIndexBytes(MemoryLimits limits, @Nullable FileOptions file) {
    long bytes = limits.indexBytes();
    return bytes == MemoryLimits.NO_LIMIT || file == null ? bytes : bytes / 2;
  }

  /** The part of a memory that the policies may fill. */
  static long maximumWeightBytes(long capacityBytes) {
    return capacityBytes - capacityBytes / RESERVE_SHARE;
  }
}
