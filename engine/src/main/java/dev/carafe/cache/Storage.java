package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.FileOptions;
import dev.carafe.base.ErrorLog;
import dev.carafe.base.Invariants;
import dev.carafe.base.Structures;
import dev.carafe.device.Device;
import dev.carafe.device.Devices;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.spi.WriteBudget;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.FileTierOptions;
import dev.carafe.tier.SharedMemory;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The memory and the file that the caches of a store share, with the clock of their expiration
 * times and the threads of the file. A cache that is built without a store has a storage of its
 * own.
 */
final class Storage implements AutoCloseable, CacheContext.Owner, Structures.Structure {
  private final OpenCaches caches;
  private final MonotonicClock clock;
  private final ErrorLog errors;
  private final SharedMemory memory;
  private final @Nullable FileTier file;
  private final Gate gate = new Gate();

  /**
   * The settings of a storage.
   *
   * @param memoryBytes the length of the arena
   * @param indexBytes the limit of the index of the file; {@link Long#MAX_VALUE} for none
   * @param file the options of the file; null for memory only
   * @param codecs what the file records as its codecs
   * @param persistWithin the bound of contract D6
   * @param ticker the application's ticker
   * @param writeBudget the limit of the bytes that the file gets; null for none
   */
  record Options(
      long memoryBytes,
      long indexBytes,
      @Nullable FileOptions file,
      CodecNames codecs,
      Duration persistWithin,
      Ticker ticker,
      @Nullable WriteBudget writeBudget) {}

  /**
   * Opens the device of a file, and registers memory with it. The most used memory comes first,
   * since the system may accept only a part.
   */
  interface DeviceSource {
    /** Opens the devices of the system. */
    DeviceSource SYSTEM = (options, fixed) -> Devices.open(options.path(), options.io(), fixed);

    Device open(FileOptions options, List<MemorySegment> fixed);
  }

  /** Maps the memory, and opens and recovers the file. */
  Storage(Options options, DeviceSource devices, SystemClocks clocks) {
    this.errors = new ErrorLog();
    this.clock = new MonotonicClock(options.ticker(), clocks);
    this.caches = new OpenCaches(options.persistWithin(), clock, errors);
    this.memory = new SharedMemory(options.memoryBytes(), caches);
    boolean complete = false;
    try {
      this.file = options.file() == null ? null : openFile(options, options.file(), devices);
      clock.onStep(this::setWallClockLead);
      complete = true;
    } finally {
      if (!complete) {
        memory.close();
      }
    }
    Structures.opened(this);
  }

  private FileTier openFile(Options options, FileOptions fileOptions, DeviceSource devices) {
    FileTierOptions tierOptions =
        new FileTierOptions(
            fileOptions,
            options.codecs(),
            options.indexBytes(),
            () -> clock.nowNanos(errors),
            caches,
            caches,
            options.writeBudget());
    Function<List<MemorySegment>, Device> opener =
        extentBuffers -> {
          List<MemorySegment> fixed = new ArrayList<>(extentBuffers);
          fixed.addAll(memory.pool().buffers());
          return devices.open(fileOptions, fixed);
        };
    return FileTier.open(tierOptions, opener, memory);
  }

  SharedMemory memory() {
    return memory;
  }

  @Nullable FileTier file() {
    return file;
  }

  MonotonicClock clock() {
    return clock;
  }

  ErrorLog errors() {
    return errors;
  }

  OpenCaches caches() {
    return caches;
  }

  Gate gate() {
    return gate;
  }

  /**
   * Handles a step of the wall clock. Entries that were promoted from the file and written before
   * the file was opened now expire earlier or later than their entries state, so they are dropped
   * from memory and read again.
   */
  private void setWallClockLead(long nanos) {
    FileTier opened = file;
    int pass = opened == null ? -1 : gate.enterUnlessClosed();
    if (opened != null && pass >= 0) {
      try {
        opened.setWallClockLead(nanos);
      } finally {
        gate.exit(pass);
      }
      caches.dropTimedCopies();
    }
  }

  /** As the owner of its only cache. */
  @Override
  public void release() {
    close();
  }

  @Override
  public void checkInvariants() {
    checkMemory();
    Invariants.check(
        gate.operationCount() == 0, "Gate: " + gate.operationCount() + " operations did not end");
  }

  @Override
  public void checkMemory() {
    List<Entry> entries = new ArrayList<>();
    for (OpenCaches.OpenCache<?> cache : caches.all()) {
      cache.tiers().demotion.cleared().releaseAll();
      entries.addAll(cache.tiers().storage.spill.checkedEntries());
      entries.addAll(cache.tiers().index.entries());
    }
    memory.checkInvariants(entries);
  }

  /** Closes the file and the memory. All caches are closed. */
  @Override
  public void close() {
    if (!gate.closeAndAwaitOperations()) {
      return;
    }
    Structures.closing(this);
    try {
      if (file != null) {
        file.close();
      }
    } finally {
      memory.close();
      gate.markFinished();
    }
  }
}
