package dev.carafe.hotrod;

import static java.lang.System.Logger.Level.WARNING;

import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.annotation.ClientCacheEntryCreated;
import org.infinispan.client.hotrod.annotation.ClientListener;
import org.infinispan.client.hotrod.event.ClientCacheEntryCreatedEvent;

/**
 * Asks the server for the versions of its entries, by a listener that gets the current state: an
 * event with key and version, without the value, for each entry.
 *
 * <p>A value of an earlier epoch whose version is among them was current at a moment after the near
 * cache's own listener was registered. A later change is announced to that listener, which removes
 * the value. So it can be believed in this epoch as any other.
 */
final class Revalidation {
  private static final System.Logger LOG = System.getLogger(Revalidation.class.getName());

  private final RemoteCache<?, ?> cache;
  private final int mostVersions;

  Revalidation(RemoteCache<?, ?> cache, int mostVersions) {
    this.cache = cache;
    this.mostVersions = mostVersions;
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param epoch a confirmed one
   * @return the number of versions
   */
  synchronized int run(Epoch epoch) {
    VersionListener listener = new VersionListener(new Versions(mostVersions));
    try {
      cache.addClientListener(listener); // returns when it has got the current state
    } finally {
      listener.versions.freeze();
      cache.removeClientListener(listener);
    }
    epoch.verify(listener.versions);
    return listener.versions.size();
  }

  /** Asks on a thread of its own. */
  void start(Epoch epoch) {
    Thread.ofVirtual()
        .name("carafe-revalidation")
        .start(() -> {
          try {
            run(epoch);
          } catch (RuntimeException e) {
            LOG.log(WARNING, "values near {0} stay unverified: {1}", cache.getName(), e);
          }
        });
  }

  /** What the client calls for each entry. */
  @ClientListener(includeCurrentState = true)
  static final class VersionListener {
    private final Versions versions;

    VersionListener(Versions versions) {
      this.versions = versions;
    }

    /** An entry that exists, or was created by now. */
    @ClientCacheEntryCreated
    public void exists(ClientCacheEntryCreatedEvent<?> event) {
      versions.add(event.getVersion());
    }
  }
}
