package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeManagement;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats.MemoryTier;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The MBean of a cache, as the platform's MBean server shows it. */
final class CarafeManagementTest {
  private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

  @TempDir Path directory;

  private static Object read(ObjectName name, String attribute) throws JMException {
    return SERVER.getAttribute(name, attribute);
  }

  @Test
  void attributesShowTheCache() throws Exception {
    Path file = directory.resolve("cache.carafe");
    try (Carafe<String, String> cache = Caches.strings(file).build();
        CarafeManagement management = CarafeManagement.register(cache, "pages")) {
      cache.put("a", "1");
      cache.getIfPresent("a");
      cache.getIfPresent("b");
      cache.flush();
      ObjectName name = management.objectName();
      assertEquals("dev.carafe:type=Cache,name=\"pages\"", name.toString());
      assertEquals("pages", read(name, "Name"));
      assertEquals(1L, read(name, "EstimatedSize"));
      CompositeData memory = (CompositeData) read(name, "MemoryTier");
      assertEquals(1L, memory.get("hits"));
      assertEquals(1L, memory.get("puts"));
      assertEquals(
          MemoryTier.class.getRecordComponents().length, memory.getCompositeType().keySet().size());
      CompositeData stored = (CompositeData) read(name, "FileTier");
      assertEquals(1L, stored.get("misses"));
      assertEquals(1L, stored.get("stored"));
      assertEquals(cache.tierStats().file().capacityBytes(), stored.get("capacityBytes"));
      assertEquals("OK", read(name, "MemoryState"));
      assertEquals("OK", read(name, "FileState"));
      assertEquals("", read(name, "Failure"));
      assertEquals(cache.health().device(), read(name, "Device"));
      assertEquals(cache.health().deviceReason(), read(name, "DeviceReason"));
      assertEquals(0L, read(name, "UnreadableValues"));
      MemoryUsage usage = cache.memoryUsage();
      assertEquals(usage.totalBytes(), read(name, "MemoryTotalBytes"));
      assertEquals(usage.budgetBytes(), read(name, "MemoryBudgetBytes"));
      assertEquals(usage.valueBytes(), read(name, "MemoryValueBytes"));
      TabularData tags = (TabularData) read(name, "MemoryBytesByTag");
      assertEquals(usage.bytesByTag().size(), tags.size());
      CompositeData regions = tags.get(new Object[] {"regions"});
      assertEquals(usage.bytesByTag().get("regions"), regions.get("value"));
    }
  }

  @Test
  void cachesOfAStoreHaveAttributesOfTheirOwn() throws Exception {
    try (CarafeStore store = Stores.open(directory);
        Carafe<Long, byte[]> a = store.cache("a", Codec.int64(), Codec.bytes()).build();
        Carafe<Long, byte[]> b = store.cache("b", Codec.int64(), Codec.bytes()).build();
        CarafeManagement first = CarafeManagement.register(a, "a");
        CarafeManagement second = CarafeManagement.register(b, "b")) {
      for (long key = 0; key < 3; key++) {
        a.put(key, new byte[10]);
      }
      b.put(1L, new byte[20]);
      store.flush();
      for (var each : Map.of(first, a, second, b).entrySet()) {
        ObjectName name = each.getKey().objectName();
        Carafe<Long, byte[]> cache = each.getValue();
        CompositeData memory = (CompositeData) read(name, "MemoryTier");
        assertEquals(cache.tierStats().memory().puts(), memory.get("puts"));
        assertEquals(cache.estimatedSize(), read(name, "EstimatedSize"));
        assertEquals(cache.memoryUsage().valueBytes(), read(name, "MemoryValueBytes"));
        CompositeData file = (CompositeData) read(name, "FileTier");
        assertEquals(cache.tierStats().file().stored(), file.get("stored"));
        assertEquals("OK", read(name, "FileState"));
      }
      assertEquals(3L, ((CompositeData) read(first.objectName(), "MemoryTier")).get("puts"));
      assertEquals(1L, read(second.objectName(), "EstimatedSize"));
    }
  }

  @Test
  void eachAttributeIsReadable() throws Exception {
    try (Carafe<String, String> cache = Caches.strings(null).build();
        CarafeManagement management = CarafeManagement.register(cache, "a,b=\"*?\\\n")) {
      Set<String> names = new TreeSet<>();
      for (MBeanAttributeInfo each : SERVER.getMBeanInfo(management.objectName()).getAttributes()) {
        names.add(each.getName());
        assertFalse(each.isWritable());
        Object value = read(management.objectName(), each.getName());
        assertEquals(each.getName().equals("FileState"), value == null, each.getName());
      }
      assertEquals(14, names.size(), names::toString);
      assertEquals("a,b=\"*?\\\n", read(management.objectName(), "Name"));
    }
  }

  @Test
  void closingUnregisters() {
    try (Carafe<String, String> cache = Caches.strings(null).build()) {
      CarafeManagement management = CarafeManagement.register(cache, "once");
      assertTrue(SERVER.isRegistered(management.objectName()));
      management.close();
      management.close();
      assertFalse(SERVER.isRegistered(management.objectName()));
    }
  }

  @Test
  void aNameBelongsToOneOpenCache() {
    try (Carafe<String, String> other = Caches.strings(null).build()) {
      Carafe<String, String> cache = Caches.strings(null).build();
      CarafeManagement first = CarafeManagement.register(cache, "shared");
      IllegalStateException refused =
          assertThrows(
              IllegalStateException.class, () -> CarafeManagement.register(other, "shared"));
      assertTrue(String.valueOf(refused.getMessage()).contains("use another name"));
      cache.close();
      try (CarafeManagement second = CarafeManagement.register(other, "shared")) {
        first.close(); // of the MBean that was replaced
        assertTrue(SERVER.isRegistered(second.objectName()));
      }
      assertFalse(SERVER.isRegistered(first.objectName()));
    }
  }

  @Test
  void theMBeanOfAClosedCacheUnregistersItself() {
    Carafe<String, String> cache = Caches.strings(null).build();
    CarafeManagement management = CarafeManagement.register(cache, "closed");
    cache.close();
    RuntimeMBeanException thrown =
        assertThrows(
            RuntimeMBeanException.class, () -> read(management.objectName(), "EstimatedSize"));
    assertTrue(
        String.valueOf(thrown.getTargetException().getMessage()).contains("'closed' is closed"));
    assertFalse(SERVER.isRegistered(management.objectName()));
  }

  @Test
  void badNamesAreRefused() {
    try (Carafe<String, String> cache = Caches.strings(null).build()) {
      assertThrows(IllegalArgumentException.class, () -> CarafeManagement.register(cache, ""));
      assertNull(cache.getIfPresent("still open"));
    }
  }
}
