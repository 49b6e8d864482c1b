package dev.carafe.jcache;

import java.lang.management.ManagementFactory;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.management.CacheMXBean;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** The MBeans of a cache in the platform's MBean server. */
final class Beans {
  /** The two beans that JSR-107 names. */
  enum Kind {
    /** The configuration of the cache. */
    CONFIGURATION("Configuration"),
    /** The statistics of the cache. */
    STATISTICS("Statistics");

    private final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  private Beans() {}

  static void register(Cache<?, ?> cache, Object bean, Kind kind) {
    try {
      server().registerMBean(bean, nameOf(cache, kind));
    } catch (InstanceAlreadyExistsException e) {
      // it is already registered
    } catch (JMException e) {
      throw new CacheException("can't register the " + kind + " of " + cache.getName(), e);
    }
  }

  static void unregister(Cache<?, ?> cache, Kind kind) {
    try {
      server().unregisterMBean(nameOf(cache, kind));
    } catch (InstanceNotFoundException e) {
      // it is not registered
    } catch (JMException e) {
      throw new CacheException("can't unregister the " + kind + " of " + cache.getName(), e);
    }
  }

  private static MBeanServer server() {
    return ManagementFactory.getPlatformMBeanServer();
  }

  private static ObjectName nameOf(Cache<?, ?> cache, Kind kind) throws JMException {
    return new ObjectName(
        "javax.cache:type=Cache"
            + kind.word
            + ",CacheManager="
            + plain(cache.getCacheManager().getURI().toString())
            + ",Cache="
            + plain(cache.getName()));
  }

  private static String plain(String name) {
    return name.replaceAll("[,:=\n*?\"]", ".");
  }

  /** The MBean of the configuration. */
  record Shown(CompleteConfiguration<?, ?> configuration) implements CacheMXBean {
    @Override
    public String getKeyType() {
      return configuration.getKeyType().getName();
    }

    @Override
    public String getValueType() {
      return configuration.getValueType().getName();
    }

    @Override
    public boolean isReadThrough() {
      return configuration.isReadThrough();
    }

    @Override
    public boolean isWriteThrough() {
      return configuration.isWriteThrough();
    }

    @Override
    public boolean isStoreByValue() {
      return configuration.isStoreByValue();
    }

    @Override
    public boolean isStatisticsEnabled() {
      return configuration.isStatisticsEnabled();
    }

    @Override
    public boolean isManagementEnabled() {
      return configuration.isManagementEnabled();
    }
  }
}
