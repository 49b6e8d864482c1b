package dev.carafe.contenders;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.infinispan.commons.api.BasicCache;
import org.infinispan.commons.api.BasicCacheContainer;
import org.jspecify.annotations.Nullable;

/**
 * Infinispan, embedded and local: off-heap, or off-heap over a soft-index file store. It is
 * configured by XML and reflection: code can't be compiled against its core, because the artifact
 * of the core's annotations is not published.
 */
final class InfinispanStore implements Store {
  private static final String CONTAINER = "org.infinispan.manager.DefaultCacheManager";
  private final BasicCacheContainer caches;
  private final BasicCache<byte[], byte[]> cache;

  InfinispanStore(Sizing sizing, boolean file) throws ReflectiveOperationException {
    String xml = xml(sizing.memoryBytes(), file ? sizing.home() : null);
    this.caches =
        Class.forName(CONTAINER)
            .asSubclass(BasicCacheContainer.class)
            .getConstructor(InputStream.class, boolean.class)
            .newInstance(new ByteArrayInputStream(xml.getBytes(UTF_8)), true);
    this.cache = caches.getCache("bench");
  }

  private static String xml(long memoryBytes, @Nullable Path home) {
    String state = "";
    String persistence = "";
    if (home != null) {
      state =
          """
          <global-state><persistent-location path="%s"/></global-state>
          """
              .formatted(home.resolve("state"));
      persistence =
          """
          <persistence passivation="false">
            <file-store purge="false"><data path="%s"/><index path="%s"/></file-store>
          </persistence>
          """
              .formatted(home.resolve("state/data"), home.resolve("state/index"));
    }
    return """
    <infinispan xmlns="urn:infinispan:config:16.1">
      <cache-container name="bench" statistics="false">
        <jmx enabled="false"/>
        %s
        <local-cache name="bench" unreliable-return-values="true">
          <encoding media-type="application/octet-stream"/>
          <memory storage="OFF_HEAP" max-size="%d" when-full="REMOVE"/>
          %s
        </local-cache>
      </cache-container>
    </infinispan>
    """
        .formatted(state, memoryBytes, persistence);
  }

  private static byte[] bytes(long key) {
    return ByteBuffer.allocate(Long.BYTES).putLong(key).array();
  }

  @Override
  public int get(long key, byte[] into) {
    byte[] value = cache.get(bytes(key));
    if (value == null) {
      return MISS;
    }
    System.arraycopy(value, 0, into, 0, value.length);
    return value.length;
  }

  @Override
  public void put(long key, byte[] value, int length) {
    cache.put(bytes(key), Arrays.copyOf(value, length));
  }

  @Override
  public void remove(long key) {
    cache.remove(bytes(key));
  }

  @Override
  public long entries() {
    return -1;
  }

  @Override
  public void close() {
    caches.stop();
  }
}
