package dev.carafe.redis;

import dev.carafe.spi.KeyBytes;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Compares the values that are used most with the server, before they are read: on the first
 * connection those of an earlier process, and after each loss those of the memory. They are
 * compared in batches, on a thread that rests for three times as long as each batch took, so that a
 * server that is busy gets fewer of them.
 */
final class Revalidation implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.carafe.redis");
  private static final int BATCH = 64;
  private static final int RESTS = 3;
  private static final long LONGEST_REST = TimeUnit.SECONDS.toNanos(1);

  private final HotKeys hotKeys;
  private final NearReads reads;
  private final Links links;

  /** Keys of an earlier process that were not compared yet. Used by the thread that runs. */
  private final Set<KeyBytes> earlier = new LinkedHashSet<>();

  private @Nullable Thread running;
  private volatile boolean isClosed;

  Revalidation(HotKeys hotKeys, NearReads reads, Links links) {
    this.hotKeys = hotKeys;
    this.reads = reads;
    this.links = links;
  }

  /** Begins with the keys of an earlier process, and goes on after each loss. */
  void begin() {
    earlier.addAll(hotKeys.take());
    links.onOpened(this::start);
    Link link = links.current();
    if (link != null) {
      start(link);
    }
  }

  /** Starts a thread for a link. The one for the link before ends by itself. */
  private synchronized void start(Link link) {
    if (!isClosed) {
      Thread before = running;
      running = Thread.ofPlatform().daemon().name("carafe-near").start(() -> run(link, before));
    }
  }

  private void run(Link link, @Nullable Thread before) {
    try {
      if (before != null) {
        before.join();
      }
      Set<KeyBytes> keys = new LinkedHashSet<>(earlier);
      keys.addAll(hotKeys.now());
      List<KeyBytes> all = List.copyOf(keys);
      for (int from = 0; from < all.size() && isCurrent(link); from += BATCH) {
        long begun = System.nanoTime();
        List<KeyBytes> batch = all.subList(from, Math.min(all.size(), from + BATCH));
        reads.compare(link, batch);
        earlier.removeAll(new ArrayList<>(batch));
        long rest = RESTS * (System.nanoTime() - begun);
        LockSupport.parkNanos(this, Math.min(LONGEST_REST, rest));
      }
    } catch (RuntimeException e) { // the values stay unverified
      LOG.log(Level.DEBUG, "comparing values before they are read ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isCurrent(Link link) {
    return !isClosed && link.isOpen() && link == links.current();
  }

  /** Ends the work, and writes the keys of the values that are used most. */
  @Override
  public void close() {
    Thread last;
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      last = running;
    }
    try {
      if (last != null) {
        LockSupport.unpark(last);
        last.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    hotKeys.save();
  }
}
