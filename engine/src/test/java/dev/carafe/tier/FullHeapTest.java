package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Overload;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDevice;
import dev.carafe.device.SimDisk;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Log maintenance continues after an OutOfMemoryError (F5). */
@Timeout(120)
final class FullHeapTest {
  private static final int VALUE_BYTES = 5_000;
  private static final int VALUES = 400; // four times what the file holds
  private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(15);

  private static FileTier open(LongSupplier nowNanos, DirtySource dirtySource) {
    FileOptions options =
        FileOptions.at(Path.of("simulated.carafe"), 512 << 10).withCompression(Compression.NONE);
    SimDisk disk = new SimDisk(new byte[0]);
    return FileTier.open(
        new FileTierOptions(
            options,
            CodecNames.NONE,
            Long.MAX_VALUE,
            nowNanos,
            FileRemovalListener.NONE,
            dirtySource),
        buffers -> new SimDevice(disk, new FaultPlan(0), false),
        new SimTier.NoChunks());
  }

  private static boolean isMaintenanceThread() {
    return Thread.currentThread().getName().equals("carafe-keeper");
  }

  /** Regression: the oldest extent stayed RECLAIMING, so no extent was reclaimed from then on. */
  @Test
  void reclamationContinues() {
    AtomicBoolean full = new AtomicBoolean();
    AtomicInteger thrown = new AtomicInteger();
    LongSupplier clock =
        () -> {
          if (isMaintenanceThread() && full.getAndSet(false)) {
            thrown.incrementAndGet();
            throw new OutOfMemoryError("a test");
          }
          return 0;
        };
    try (FileTier tier = open(clock, DirtySource.NONE);
        NativeCopy value = NativeCopy.of(new byte[VALUE_BYTES])) {
      full.set(true);
      for (long i = 0; i < VALUES; i++) {
        MemorySegment bytes = MemorySegment.ofArray(SimTier.keyBytes(i));
        FileKey key = new FileKey(bytes, tier.hashOf(bytes));
        long end = System.nanoTime() + BOUND_NANOS;
        while (tier.put(key, value.segment(), Long.MAX_VALUE - 1, Overload.WAIT)
            != StoreResult.STORED) { // refused while health() reports the failure
          assertTrue(System.nanoTime() - end < 0, "no extent is reclaimed");
          LockSupport.parkNanos(1_000_000);
        }
      }
      assertEquals(1, thrown.get());
      tier.flush();
      tier.checkInvariants();
    }
  }

  /** Regression: the values of a pass that threw were written with the next change only (D6). */
  @Test
  void aWritebackPassIsRepeated() throws InterruptedException {
    CountDownLatch passes = new CountDownLatch(2);
    DirtySource source =
        new DirtySource() {
          @Override
          public Duration persistWithin() {
            return Duration.ofMillis(30);
          }

          @Override
          public PassResult writeBack(boolean newPass) {
            passes.countDown();
            if (passes.getCount() > 0) {
              throw new OutOfMemoryError("a test");
            }
            return PassResult.COMPLETE;
          }
        };
    try (FileTier tier = open(() -> 0, source)) {
      tier.scheduleWriteback();
      assertTrue(passes.await(BOUND_NANOS, TimeUnit.NANOSECONDS), "no second pass");
    }
  }
}
