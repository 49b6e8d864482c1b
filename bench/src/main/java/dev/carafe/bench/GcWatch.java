package dev.carafe.bench;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/** Adds up the pauses of garbage collection from its creation on. */
public final class GcWatch {
  private final AtomicLong longestMillis = new AtomicLong();
  private final long startMillis = totalNow();

  /** Watches from now on. */
  public GcWatch() {
    for (GarbageCollectorMXBean bean : pausing()) {
      if (bean instanceof NotificationEmitter emitter) {
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

  /** Not those that tell of what is done beside the application: G1's and ZGC's. */
  private static List<GarbageCollectorMXBean> pausing() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .filter(
            bean -> !bean.getName().contains("Concurrent") && !bean.getName().endsWith("Cycles"))
        .toList();
  }

  private static long totalNow() {
    return pausing().stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
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
