package dev.carafe.infinispan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.infinispan.Cache;
import org.infinispan.commons.util.IntSets;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;

/** One of two nodes of a cluster over the loopback interface, also as a process that is killed. */
final class ClusterNode {
  static final int ENTRIES = 100;

  /** How many entries the heap keeps where the others are passivated. */
  static final int MAX_COUNT = 10;

  private ClusterNode() {}

  /** How the store gets its entries. */
  enum Mode {
    /** Those that do not fit on the heap. */
    PASSIVATION,
    /** All, later. */
    WRITE_BEHIND
  }

  /** The protocols of a node: TCP between two ports. */
  private static String stack(int port, int otherPort) {
    return """
    <config xmlns="urn:org:jgroups">
      <TCP bind_addr="127.0.0.1" bind_port="%d" port_range="0"/>
      <TCPPING initial_hosts="127.0.0.1[%d],127.0.0.1[%d]" port_range="0"/>
      <MERGE3 min_interval="1s" max_interval="3s"/>
      <FD_SOCK2 offset="1" port_range="20"/>
      <FD_ALL3/>
      <VERIFY_SUSPECT2 timeout="200ms"/>
      <pbcast.NAKACK2 use_mcast_xmit="false"/>
      <UNICAST3/>
      <pbcast.STABLE desired_avg_gossip="5s" max_bytes="1M"/>
      <pbcast.GMS print_local_addr="false" join_timeout="500ms"/>
      <UFC/>
      <MFC/>
      <FRAG4/>
    </config>
    """
        .formatted(port, port, otherPort);
  }

  /** A cache of which both nodes have each entry. */
  static ConfigurationBuilder cache(Mode mode) {
    ConfigurationBuilder cache = new ConfigurationBuilder();
    cache.clustering().cacheMode(CacheMode.REPL_SYNC).remoteTimeout(20, TimeUnit.SECONDS);
    return stored(cache, mode);
  }

  /** The settings of the store, with segments that do not depend on the cluster. */
  static ConfigurationBuilder stored(ConfigurationBuilder cache, Mode mode) {
    cache.clustering().hash().numSegments(16);
    if (mode == Mode.PASSIVATION) {
      cache.persistence().passivation(true);
      cache.memory().maxCount(MAX_COUNT);
    }
    return cache;
  }

  /**
   * Makes writes of the cache reach the store after they were acknowledged, if the mode says so.
   */
  static void configure(CarafeStoreConfigurationBuilder store, Mode mode) {
    store.syncWrites(true);
    if (mode == Mode.WRITE_BEHIND) {
      store.async().enable();
    }
  }

  /** Starts a node. */
  static DefaultCacheManager open(Path directory, Mode mode, int port, int otherPort)
      throws IOException {
    Path stack = directory.resolve("stack.xml");
    Files.writeString(stack, stack(port, otherPort));
    GlobalConfigurationBuilder global = GlobalConfigurationBuilder.defaultClusteredBuilder();
    global.transport().clusterName("carafe").addProperty("configurationFile", stack.toString());
    global.metrics().gauges(false).histograms(false);
    ConfigurationBuilder cache = cache(mode);
    configure(
        cache
            .persistence()
            .addStore(CarafeStoreConfigurationBuilder.class)
            .path(directory.toString())
            .memory(1 << 20)
            .fileSize(8 << 20),
        mode);
    DefaultCacheManager manager = new DefaultCacheManager(global.build());
    manager.defineConfiguration("c", cache.build());
    return manager;
  }

  static byte[] value(int key) {
    byte[] value = new byte[500];
    new SplittableRandom(key).nextBytes(value);
    return value;
  }

  /** How many entries the node's store has. */
  static long stored(Cache<Integer, byte[]> cache) throws Exception {
    return Stores.join(Stores.of(cache).size(IntSets.immutableRangeSet(16)));
  }

  static void awaitMembers(DefaultCacheManager manager, int count) {
    List<?> members = manager.getMembers();
    while (members == null || members.size() != count) {
      LockSupport.parkNanos(10_000_000);
      members = manager.getMembers();
    }
  }

  /**
   * Joins, writes entries, waits until its store has them, says so, and waits to be killed.
   *
   * @param args the directory, the mode, the port of this node and the one of the other
   */
  public static void main(String[] args) throws Exception {
    Mode mode = Mode.valueOf(args[1]);
    DefaultCacheManager manager =
        open(Path.of(args[0]), mode, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    Cache<Integer, byte[]> cache = manager.getCache("c");
    awaitMembers(manager, 2);
    for (int i = 0; i < ENTRIES; i++) {
      cache.put(i, value(i));
    }
    int expected = mode == Mode.PASSIVATION ? ENTRIES - MAX_COUNT : ENTRIES;
    while (stored(cache) < expected) {
      LockSupport.parkNanos(10_000_000);
    }
    System.out.println("stored");
    while (System.in.read() >= 0) {
      // waits to be killed
    }
    Runtime.getRuntime().halt(2); // the test has ended
  }
}
