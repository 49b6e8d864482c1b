package dev.carafe.infinispan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.infinispan.Cache;
import org.infinispan.commons.CacheConfigurationException;
import org.infinispan.commons.util.IntSets;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.StoreConfiguration;
import org.infinispan.configuration.parsing.ParserRegistry;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.persistence.spi.PersistenceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store under a cache of Infinispan: a full file, restarts, settings. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StoreOfManagerTest {
  @TempDir Path directory;

  private static byte[] value(int key, int bytes) {
    byte[] value = new byte[bytes];
    new SplittableRandom(key).nextBytes(value);
    return value;
  }

  /** Puts entries until the store refuses one; returns how many it took. */
  private static int fill(Cache<Integer, byte[]> cache) {
    for (int i = 0; ; i++) {
      try {
        cache.put(i, value(i, 2_000));
      } catch (PersistenceException e) {
        assertTrue(causes(e).contains("no room for a value"), causes(e));
        return i;
      }
    }
  }

  private static String causes(Throwable thrown) {
    StringBuilder all = new StringBuilder();
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      all.append(cause.getMessage()).append('\n');
    }
    return all.toString();
  }

  @Test
  void aFullStoreRefusesTheWriteAndKeepsTheRest() throws Exception {
    int count;
    ConfigurationBuilder small = new ConfigurationBuilder();
    small.clustering().hash().numSegments(16);
    small.memory().maxCount(10); // so that reads come from the store
    try (DefaultCacheManager manager =
        Managers.open(directory, small, store -> store.fileSize(1 << 20))) {
      Cache<Integer, byte[]> cache = manager.getCache("c");
      count = fill(cache);
      assertTrue(count > 200, count + " entries");
      checkAll(cache, count);
      cache.put(0, value(0, 2_000));
      cache.remove(1);
      cache.put(1, value(1, 2_000));
    }
    ConfigurationBuilder again = new ConfigurationBuilder();
    again.clustering().hash().numSegments(16);
    try (DefaultCacheManager manager =
        Managers.open(directory, again, store -> store.fileSize(1 << 20))) {
      checkAll(manager.getCache("c"), count);
    }
  }

  private static void checkAll(Cache<Integer, byte[]> cache, int count) {
    for (int i = 0; i < count; i++) {
      assertArrayEquals(value(i, 2_000), cache.get(i));
    }
    assertNull(cache.get(count));
    assertEquals(count, cache.size());
  }

  /** The file keeps its records and its capacity, and the start names both capacities. */
  @Test
  void doesNotStartWithACapacityBelowItsEntries() throws Exception {
    int count;
    try (DefaultCacheManager manager =
        Managers.open(directory, store -> store.fileSize(2 << 20).segmented(false))) {
      count = fill(manager.getCache("c"));
    }
    try (DefaultCacheManager manager =
        Managers.open(directory, store -> store.fileSize(1 << 20).segmented(false))) {
      Throwable refused = assertThrows(RuntimeException.class, () -> manager.getCache("c"));
      assertTrue(causes(refused).contains("the records take"), causes(refused));
    }
    try (DefaultCacheManager manager =
        Managers.open(directory, store -> store.fileSize(2 << 20).segmented(false))) {
      checkAll(manager.getCache("c"), count);
    }
  }

  @Test
  void anEntryExpiresAcrossARestart() throws Exception {
    try (DefaultCacheManager manager = Managers.open(directory, store -> {})) {
      Cache<String, String> cache = manager.getCache("c");
      cache.put("short", "s", 1, TimeUnit.MILLISECONDS); // shorter than the restart
      cache.put("long", "l", 1, TimeUnit.HOURS);
      cache.put("ever", "e");
    }
    try (DefaultCacheManager manager = Managers.open(directory, store -> {})) {
      Cache<String, String> cache = manager.getCache("c");
      assertEquals(2, cache.size());
      assertNull(cache.get("short"));
      assertEquals("l", cache.get("long"));
      assertEquals("e", cache.get("ever"));
      assertTrue(cache.getAdvancedCache().getCacheEntry("long").getLifespan() > 0);
    }
  }

  @Test
  void purgesOnStartUpAndRemovesItsFile() throws Exception {
    Path file = directory.resolve("c").resolve("store.carafe");
    try (DefaultCacheManager manager =
        Managers.open(directory, store -> store.syncWrites(true).segmented(false))) {
      manager.<String, String>getCache("c").put("k", "v");
      assertTrue(Files.exists(file));
    }
    try (DefaultCacheManager manager =
        Managers.open(directory, store -> store.segmented(false).purgeOnStartup(true))) {
      Cache<String, String> cache = manager.getCache("c");
      assertEquals(0, cache.size());
      Stores.join(Stores.of(cache).destroy());
      assertTrue(Files.notExists(file), file::toString);
    }
  }

  @Test
  void namesASettingThatIsWrong() {
    CacheConfigurationException small =
        assertThrows(
            CacheConfigurationException.class,
            () -> Managers.open(directory, store -> store.fileSize(1_000)));
    assertTrue(causes(small).contains("file-size is 1000"), causes(small));
    CacheConfigurationException noPath =
        assertThrows(
            CacheConfigurationException.class,
            () ->
                Managers.open(
                    directory,
                    store ->
                        store.attributes().attribute(CarafeStoreConfiguration.PATH).set(null)));
    assertTrue(causes(noPath).contains("path"), causes(noPath));
  }

  @Test
  void readsAConfigurationFile() {
    String xml =
        """
        <infinispan xmlns="urn:infinispan:config:16.1">
          <cache-container default-cache="c">
            <local-cache name="c">
              <persistence>
                <carafe-store xmlns="urn:infinispan:config:store:carafe:16.1" path="/data"
                    memory="256MiB" file-size="16GiB" persist-within="100" sync-writes="true"
                    segmented="false"/>
              </persistence>
            </local-cache>
          </cache-container>
        </infinispan>
        """;
    ConfigurationBuilder builder =
        new ParserRegistry().parse(xml).getNamedConfigurationBuilders().get("c");
    StoreConfiguration store =
        Objects.requireNonNull(builder, "c").build().persistence().stores().getFirst();
    CarafeStoreConfiguration parsed = (CarafeStoreConfiguration) store;
    assertEquals("/data", parsed.path());
    assertEquals(256L << 20, parsed.memory());
    assertEquals(16L << 30, parsed.fileSize());
    assertEquals(100, parsed.persistWithin());
    assertTrue(parsed.syncWrites());
    assertTrue(!parsed.segmented());
  }

  @Test
  void emptiesTheSegmentsThatItLoses() throws Exception {
    try (DefaultCacheManager manager = Managers.open(directory, store -> {})) {
      Cache<Integer, String> cache = manager.getCache("c");
      for (int i = 0; i < 2_000; i++) {
        cache.put(i, "v" + i);
      }
      CarafeNonBlockingStore<Integer, String> store = Stores.of(cache);
      int segments = cache.getCacheConfiguration().clustering().hash().numSegments();
      var all = IntSets.immutableRangeSet(segments);
      var lost = IntSets.immutableOffsetIntSet(10, segments);
      long kept = Stores.join(store.size(IntSets.immutableRangeSet(10)));
      assertTrue(kept > 0 && kept < 2_000, kept + " kept");
      Stores.join(store.removeSegments(lost));
      assertEquals(kept, Stores.join(store.size(all)));
      assertEquals(0, Stores.join(store.approximateSize(lost)));
      Stores.join(store.addSegments(lost));
      cache.put(-1, "again");
      assertEquals("again", cache.get(-1));
    }
  }
}
