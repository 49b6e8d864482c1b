package dev.carafe;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.StandardMBean;

/**
 * Shows a cache to JMX, as a {@link CarafeMXBean} of the platform's MBean server, until it is
 * closed. The name of the MBean is {@code dev.carafe:type=Cache,name="NAME"}.
 *
 * <p>The MBean holds the cache weakly. If the cache is closed or collected first, the MBean is
 * unregistered when an attribute is read next, or when its name is registered again. Needs the
 * module {@code java.management}. Thread-safe.
 */
public final class CarafeManagement implements AutoCloseable {
  private static final String PREFIX = "dev.carafe:type=Cache,name=";

  /** The MBeans of this class, guarded by the map. */
  private static final Map<ObjectName, CacheBean> REGISTERED = new HashMap<>();

  private final ObjectName objectName;
  private final CacheBean bean;

  private CarafeManagement(ObjectName objectName, CacheBean bean) {
    this.objectName = objectName;
    this.bean = bean;
  }

  /**
   * Registers an MBean of a cache.
   *
   * @param cache the cache; {@link AsyncCarafe#synchronous()} of an asynchronous one
   * @param name the name of the cache, any text that is not empty
   * @return the registration; close it before or after the cache
   * @throws IllegalArgumentException if the name is empty
   * @throws IllegalStateException if the name is registered for another open cache, or the MBean
   *     server refuses it
   */
  public static CarafeManagement register(Carafe<?, ?> cache, String name) {
    Objects.requireNonNull(cache, "cache");
    if (Objects.requireNonNull(name, "name").isEmpty()) {
      throw new IllegalArgumentException("name is empty; give the cache a name");
    }
    try {
      ObjectName objectName = new ObjectName(PREFIX + ObjectName.quote(name));
      CacheBean bean = new CacheBean(cache, name, closed -> unregister(objectName, closed));
      register(objectName, bean);
      return new CarafeManagement(objectName, bean);
    } catch (JMException e) {
      throw new IllegalStateException(
          "the MBean of the cache '" + name + "' can't be registered: " + e.getMessage(), e);
    }
  }

  private static void register(ObjectName name, CacheBean bean) throws JMException {
    synchronized (REGISTERED) {
      CacheBean before = REGISTERED.get(name);
      if (before != null && before.isOpen()) {
        throw new IllegalStateException(
            name
                + " is registered for an open cache; use another name, or close that registration");
      }
      if (before != null) {
        unregister(name, before);
      }
      StandardMBean standard = new StandardMBean(bean, CarafeMXBean.class, true);
      var _ = ManagementFactory.getPlatformMBeanServer().registerMBean(standard, name);
      REGISTERED.put(name, bean);
    }
  }

  private static void unregister(ObjectName name, CacheBean bean) {
    synchronized (REGISTERED) {
      if (!REGISTERED.remove(name, bean)) {
        return; // unregistered before, or replaced
      }
      try {
        ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
      } catch (InstanceNotFoundException e) {
        // the application unregistered it
      } catch (JMException e) {
        throw new IllegalStateException(name + " can't be unregistered: " + e.getMessage(), e);
      }
    }
  }

  /**
   * The name of the MBean.
   *
   * @return always the same name
   */
  public ObjectName objectName() {
    return objectName;
  }

  /** Unregisters the MBean. Does nothing if it was unregistered before. */
  @Override
  public void close() {
    unregister(objectName, bean);
  }
}
