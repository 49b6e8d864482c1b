package dev.carafe.bench;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/** Sums the garbage collection pauses since its creation. */
public final class GcPauses {
  private final AtomicLong longestMillis = new AtomicLong();
  private final long startMillis = totalNow();

  /** Starts counting. */
  public GcPauses() {
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

  /** Returns the beans that report pauses. G1 and ZGC have other beans for concurrent cycles. */
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
   * Returns the sum of all pauses.
   *
   * @return milliseconds
   */
  public long totalMillis() {
    return totalNow() - startMillis;
  }

  /**
   * Returns the longest pause.
   *
   * @return milliseconds
   */
  public long longestMillis() {
    return longestMillis.get();
  }

  /**
   * Runs a garbage collection and returns the used heap.
   *
   * @return bytes
   */
  public static long heapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
