package dev.carafe.bench;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/** Adds up the pauses of garbage collection from its creation on. */
public final class GcWatch {
  private final AtomicLong longestMillis = new AtomicLong();
  private final long startMillis = totalNow();

  /** Watches from now on. */
  public GcWatch() {
    for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (bean instanceof NotificationEmitter emitter && !bean.getName().contains("Concurrent")) {
        emitter.addNotificationListener(
            (notification, handback) -> {
              var info =
                  GarbageCollectionNotificationInfo.from(
                      (CompositeData) notification.getUserData());
              long took = info.getGcInfo().getDuration();
              longestMillis.accumulateAndGet(took, Math::max);
            },
            notification ->
                notification
                    .getType()
                    .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION),
            null);
      }
    }
  }

  private static long totalNow() {
    long total = 0;
    for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (!bean.getName().contains("Concurrent")) {
        total += bean.getCollectionTime();
      }
    }
    return total;
  }

  /**
   * All pauses together.
   *
   * @return milliseconds
   */
  public long totalMillis() {
    return totalNow() - startMillis;
  }

  /**
   * The longest pause.
   *
   * @return milliseconds
   */
  public long longestMillis() {
    return longestMillis.get();
  }

  /**
   * The heap that is in use after a collection.
   *
   * @return bytes
   */
  public static long heapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
