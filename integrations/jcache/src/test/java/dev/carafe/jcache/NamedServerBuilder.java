package dev.carafe.jcache;

import javax.management.MBeanServer;
import javax.management.MBeanServerBuilder;
import javax.management.MBeanServerDelegate;

/** The TCK looks for an MBean server by its name, so the platform's gets that one. */
public final class NamedServerBuilder extends MBeanServerBuilder {
  /** For the JMX implementation. */
  public NamedServerBuilder() {}

  @Override
  public MBeanServer newMBeanServer(
      String defaultDomain, MBeanServer outer, MBeanServerDelegate delegate) {
    return super.newMBeanServer(defaultDomain, outer, delegate);
  }

  @Override
  public MBeanServerDelegate newMBeanServerDelegate() {
    return new Named();
  }

  private static final class Named extends MBeanServerDelegate {
    @Override
    public synchronized String getMBeanServerId() {
      return System.getProperty("org.jsr107.tck.management.agentId");
    }
  }
}
