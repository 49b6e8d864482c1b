package dev.carafe.contenders;

import static dev.carafe.contenders.Trait.DIRECT_IO;
import static dev.carafe.contenders.Trait.EVICTS;
import static dev.carafe.contenders.Trait.FILE;
import static dev.carafe.contenders.Trait.HEAP;
import static dev.carafe.contenders.Trait.MAPPED;
import static dev.carafe.contenders.Trait.OFF_HEAP;
import static dev.carafe.contenders.Trait.PERSISTS;
import static dev.carafe.contenders.Trait.VISITS;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.caffinitas.ohc.Eviction;

/**
 * The list of contenders. The lambdas are linked lazily, so the classes of a library are loaded
 * only when its contender is opened.
 */
public final class Contenders {
  /** The directory of contenders on the benchmark's class path. */
  static final String BENCHMARK_CLASS_PATH = "";

  private static final List<Contender> ALL = all();

  private Contenders() {}

  /**
   * Returns all contenders in the order of the tables.
   *
   * @return the contenders
   */
  public static List<Contender> list() {
    return ALL;
  }

  /**
   * Returns the libraries that can't be measured.
   *
   * @return the reasons by name
   */
  public static Map<String, String> unmeasured() {
    return Map.of(
        "carrot",
        "Carrot Cache: Maven Central has no version of io.carrotdata:carrot-cache",
        "oak",
        "Oak: Maven Central has no version of com.yahoo.oak:oak");
  }

  /**
   * Finds a contender.
   *
   * @param name the name
   * @return the contender, or empty if the name is unknown
   */
  public static Optional<Contender> find(String name) {
    return ALL.stream().filter(contender -> contender.name().equals(name)).findFirst();
  }

  private static List<Contender> all() {
    List<Contender> all = new ArrayList<>(own());
    all.addAll(heap());
    all.addAll(ohc());
    all.addAll(offHeap());
    all.addAll(files());
    return List.copyOf(all);
  }

  private static List<Contender> own() {
    return List.of(
        new Contender(
            "nothing",
            "none",
            BENCHMARK_CLASS_PATH,
            List.of(),
            "an empty store, to measure the overhead of the benchmark",
            Set.of(VISITS),
            NothingStore::new),
        new Contender(
            "carafe",
            "dev.carafe:carafe-engine",
            BENCHMARK_CLASS_PATH,
            List.of(),
            "memory tier only; get copies from a scoped view",
            Set.of(OFF_HEAP, EVICTS, VISITS),
            CarafeStore::new),
        new Contender(
            "carafe-hybrid",
            "dev.carafe:carafe-engine",
            BENCHMARK_CLASS_PATH,
            List.of(),
            "memory and file tier, Io.AUTO (fixed buffers and O_DIRECT where available), no"
                + " compression",
            Set.of(OFF_HEAP, EVICTS, FILE, PERSISTS, DIRECT_IO, VISITS),
            CarafeStore::new),
        new Contender(
            "caffeine",
            "com.github.ben-manes.caffeine:caffeine",
            BENCHMARK_CLASS_PATH,
            List.of(),
            "byte[] values, maximumSize (weigher where sizes differ), default executor",
            Set.of(HEAP, EVICTS, VISITS),
            CaffeineStore::new),
        new Contender(
            "chm",
            "java.util.concurrent.ConcurrentHashMap",
            BENCHMARK_CLASS_PATH,
            List.of(),
            "byte[] values, presized table, unbounded",
            Set.of(HEAP, VISITS),
            sizing ->
                new MapStore(
                    new ConcurrentHashMap<>(
                        (int) Math.min(1 << 26, sizing.entries() * 4 / 3 + 1)))));
  }

  private static List<Contender> heap() {
    return List.of(
        new Contender(
            "guava",
            "com.google.guava:guava",
            "guava",
            List.of(),
            "byte[] values, maximumSize (weigher where sizes differ), concurrencyLevel 8",
            Set.of(HEAP, EVICTS, VISITS),
            sizing -> new GuavaStore(sizing)),
        new Contender(
            "cache2k",
            "org.cache2k:cache2k-core",
            "cache2k",
            List.of(),
            "byte[] in a wrapper object (arrays are rejected), entryCapacity (weigher where sizes"
                + " differ), eternal, statistics off",
            Set.of(HEAP, EVICTS, VISITS),
            sizing -> new Cache2kStore(sizing)),
        new Contender(
            "ehcache-heap",
            "org.ehcache:ehcache",
            "ehcache",
            List.of(),
            "heap tier, by reference, bounded by entries",
            Set.of(HEAP, EVICTS, VISITS),
            sizing -> EhcacheStore.heap(sizing)));
  }

  private static List<Contender> ohc() {
    return List.of(
        new Contender(
            "ohc-linked",
            "org.caffinitas.ohc:ohc-core",
            "ohc",
            ForkedJvm.OHC_FLAGS,
            "linked, LRU, 16 segments, one Unsafe allocation per entry",
            Set.of(OFF_HEAP, EVICTS),
            sizing -> OhcStore.linked(sizing, Eviction.LRU)),
        new Contender(
            "ohc-tinylfu",
            "org.caffinitas.ohc:ohc-core",
            "ohc",
            ForkedJvm.OHC_FLAGS,
            "linked, W-TinyLFU, 16 segments",
            Set.of(OFF_HEAP, EVICTS),
            sizing -> OhcStore.linked(sizing, Eviction.W_TINY_LFU)),
        new Contender(
            "ohc-chunked",
            "org.caffinitas.ohc:ohc-core",
            "ohc",
            ForkedJvm.OHC_FLAGS,
            "chunked, fixed entry size, LRU by chunk, 16 segments",
            Set.of(OFF_HEAP, EVICTS),
            sizing -> OhcStore.chunked(sizing)));
  }

  private static List<Contender> offHeap() {
    return List.of(
        new Contender(
            "ehcache-offheap",
            "org.ehcache:ehcache",
            "ehcache",
            List.of(),
            "off-heap tier only, a serializer that copies into the caller's array",
            Set.of(OFF_HEAP, EVICTS),
            sizing -> EhcacheStore.offHeap(sizing)),
        new Contender(
            "chronicle",
            "net.openhft:chronicle-map",
            "chronicle",
            ForkedJvm.CHRONICLE_FLAGS,
            "in memory, sized for 105 % of the entries, getUsing into the caller's array; no"
                + " eviction",
            Set.of(OFF_HEAP),
            sizing -> ChronicleStore.memory(sizing)),
        new Contender(
            "mapdb-direct",
            "org.mapdb:mapdb",
            "mapdb",
            List.of(),
            "memoryDirectDB, hash map, expireStoreSize, expireAfterCreate",
            Set.of(OFF_HEAP, EVICTS),
            sizing -> MapDbStore.direct(sizing)),
        new Contender(
            "infinispan-offheap",
            "org.infinispan:infinispan-core",
            "infinispan",
            List.of(),
            "embedded, local, off-heap storage, octet-stream keys and values, no JMX",
            Set.of(OFF_HEAP, EVICTS),
            sizing -> new InfinispanStore(sizing, false)));
  }

  private static List<Contender> files() {
    List<Contender> files = new ArrayList<>(mapped());
    files.addAll(
        List.of(
            new Contender(
                "ehcache-disk",
                "org.ehcache:ehcache",
                "ehcache",
                List.of(),
                "a small heap tier and an off-heap tier over a persistent disk tier, 2 writer"
                    + " threads, 16 segments",
                Set.of(OFF_HEAP, EVICTS, FILE, PERSISTS),
                sizing -> EhcacheStore.disk(sizing)),
            new Contender(
                "mvstore",
                "com.h2database:h2-mvstore",
                "mvstore",
                List.of(),
                "page cache (on the heap) of the memory budget, auto-commit every second, no"
                    + " compression",
                Set.of(HEAP, FILE, PERSISTS),
                sizing -> new MvStoreStore(sizing)),
            new Contender(
                "rocksdb",
                "org.rocksdb:rocksdbjni",
                "rocksdb",
                List.of(),
                "HyperClock block cache of the memory budget, charged with memtables, index and"
                    + " filters, bloom 10, no compression, WAL without sync",
                Set.of(OFF_HEAP, FILE, PERSISTS),
                sizing -> new RocksStore(sizing, false)),
            new Contender(
                "rocksdb-direct",
                "org.rocksdb:rocksdbjni",
                "rocksdb",
                List.of(),
                "as rocksdb, with O_DIRECT for reads, flushes and compactions",
                Set.of(OFF_HEAP, FILE, PERSISTS, DIRECT_IO),
                sizing -> new RocksStore(sizing, true)),
            new Contender(
                "infinispan-sifs",
                "org.infinispan:infinispan-core",
                "infinispan",
                List.of(),
                "off-heap over a soft-index file store, written through, syncWrites off",
                Set.of(OFF_HEAP, EVICTS, FILE, PERSISTS),
                sizing -> new InfinispanStore(sizing, true))));
    return files;
  }

  private static List<Contender> mapped() {
    return List.of(
        new Contender(
            "lmdb",
            "org.lmdbjava:lmdbjava",
            "lmdb",
            ForkedJvm.LMDB_FLAGS,
            "MDB_NOSYNC, MDB_WRITEMAP, MDB_NORDAHEAD, MDB_NOTLS; one write transaction per put; no"
                + " eviction",
            Set.of(OFF_HEAP, FILE, PERSISTS, MAPPED, VISITS),
            sizing -> new LmdbStore(sizing)),
        new Contender(
            "chronicle-mapped",
            "net.openhft:chronicle-map",
            "chronicle",
            ForkedJvm.CHRONICLE_FLAGS,
            "mapped file, sized for 105 % of the entries; no eviction",
            Set.of(OFF_HEAP, FILE, PERSISTS, MAPPED),
            sizing -> ChronicleStore.mapped(sizing)),
        new Contender(
            "mapdb-file",
            "org.mapdb:mapdb",
            "mapdb",
            List.of(),
            "mapped file, no transactions; no eviction",
            Set.of(OFF_HEAP, FILE, PERSISTS, MAPPED),
            sizing -> MapDbStore.file(sizing, false)),
        new Contender(
            "mapdb-file-tx",
            "org.mapdb:mapdb",
            "mapdb",
            List.of(),
            "file with a write-ahead log, commits on flush; no eviction",
            Set.of(OFF_HEAP, FILE, PERSISTS, MAPPED),
            sizing -> MapDbStore.file(sizing, true)));
  }
}
