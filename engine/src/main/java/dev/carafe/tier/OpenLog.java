package dev.carafe.tier;

import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Retention;
import dev.carafe.base.AdaptiveLock;
import dev.carafe.base.FlightEvents;
import dev.carafe.device.Device;
import dev.carafe.device.NativeMemory;
import dev.carafe.log.EventCount;
import dev.carafe.log.ExtentTable;
import dev.carafe.log.Geometry;
import dev.carafe.log.Log;
import dev.carafe.log.LogFile;
import dev.carafe.log.LogFiles;
import dev.carafe.log.LogWriter;
import dev.carafe.log.Recovery;
import dev.carafe.log.Syncer;
import dev.carafe.log.format.FormatVersion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An open log, and the memory and the device that it owns. Opening runs recovery.
 *
 * <p>There are three buffers of one extent each. The writer fills the first while the device writes
 * the second. The reclaimer reads extents into the third.
 *
 * @param log the log
 * @param memory the memory of all buffers
 * @param reclaimBuffer the buffer that the reclaimer reads an extent into
 * @param readBuffers the buffers for reads of small records
 * @param damagedAtOpening the number of damaged records and directories that the opening found
 */
record OpenLog(
    Log log,
    NativeMemory memory,
    MemorySegment reclaimBuffer,
    ReadBuffers readBuffers,
    long damagedAtOpening)
    implements AutoCloseable {
  private static final int EXTENT_BUFFERS = 3;

  static OpenLog open(
      FileTierOptions options,
      Function<List<MemorySegment>, Device> opener,
      FileIndex index,
      long memoryBytes) {
    Geometry geometry = geometry(options.file(), memoryBytes);
    for (long extentBytes = geometry.extentBytes(); ; ) {
      Opened opened = open(options, opener, index, memoryBytes, geometry, extentBytes);
      if (opened.log() != null) {
        return opened.log();
      }
      extentBytes = opened.extentBytes(); // the file was created with another capacity
    }
  }

  /** An open log; or null, and the extent length with which to open again. */
  private record Opened(@Nullable OpenLog log, long extentBytes) {}

  private static Opened open(
      FileTierOptions options,
      Function<List<MemorySegment>, Device> opener,
      FileIndex index,
      long memoryBytes,
      Geometry created,
      long extentBytes) {
    long readBytes = ReadBuffers.bytesFor(memoryBytes);
    NativeMemory memory = NativeMemory.map(readBytes + EXTENT_BUFFERS * extentBytes, true);
    Device device = null;
    boolean opened = false;
    try {
      device = opener.apply(buffers(memory, readBytes));
      LogFile file = file(options, device, created, memory.segment().asSlice(readBytes));
      if (file.geometry().extentBytes() != extentBytes) {
        return new Opened(null, file.geometry().extentBytes());
      }
      OpenLog log = recover(options, file, memory, index);
      opened = true;
      return new Opened(log, extentBytes);
    } finally {
      if (!opened) {
        if (device != null) {
          device.close();
        }
        memory.close();
      }
    }
  }

  /** Returns the geometry of a new file. One that keeps all takes values of any length. */
  private static Geometry geometry(FileOptions file, long memoryBytes) {
    return file.retention() == Retention.KEEP_ALL
        ? Geometry.of(file.capacityBytes())
        : Geometry.of(file.capacityBytes(), memoryBytes);
  }

  private static LogFile file(
      FileTierOptions options, Device device, Geometry geometry, MemorySegment scratch) {
    MemorySegment block = scratch.asSlice(0, FormatVersion.BLOCK_BYTES);
    return LogFiles.open(options.file(), options.codecs(), device, geometry, block);
  }

  private static OpenLog recover(
      FileTierOptions options, LogFile file, NativeMemory memory, FileIndex index) {
    long extentBytes = file.geometry().extentBytes();
    var _ = Geometry.of(file.path(), options.file().capacityBytes(), extentBytes); // or throws
    long readBytes = memory.segment().byteSize() - EXTENT_BUFFERS * extentBytes;
    MemorySegment extents = memory.segment().asSlice(readBytes);
    MemorySegment first = extents.asSlice(0, extentBytes);
    MemorySegment second = extents.asSlice(extentBytes, extentBytes);
    MemorySegment third = extents.asSlice(2 * extentBytes, extentBytes);
    ExtentTable table = new ExtentTable(file.geometry());
    FlightEvents.Recovery event = FlightEvents.recovery();
    Recovery.Result recovered =
        new Recovery(file, options.file().recovery(), first).run(table, index);
    if (event != null) {
      event.end(file.path(), recovered.damagedCount());
    }
    index.forEachAddress(table.live()::add);
    EventCount changes = new EventCount();
    LogWriter writer = new LogWriter(file, table, changes, List.of(first, second));
    long unfinished = recovered.unfinishedSequence();
    if (unfinished > 0) {
      writer.resume(unfinished);
    }
    writer.beginClock();
    writer.markSynced(unfinished > 0 ? unfinished - 1 : table.newestSequence());
    boolean keepsAll = options.file().retention() == Retention.KEEP_ALL;
    Log log = new Log(file, table, writer, new AdaptiveLock(), changes, keepsAll);
    ReadBuffers reads = new ReadBuffers(memory.segment().asSlice(0, readBytes));
    return new OpenLog(log, memory, third, reads, recovered.damagedCount());
  }

  /** Registers the buffers and the memory of values as fixed buffers, the most used first. */
  void register(List<MemorySegment> values) {
    long readBytes = memory.segment().byteSize() - EXTENT_BUFFERS * reclaimBuffer.byteSize();
    List<MemorySegment> all = new ArrayList<>(buffers(memory, readBytes));
    all.addAll(values);
    log.file().device().register(all);
  }

  /** Returns one mapping in two parts: a registration of a part of it splits few huge pages. */
  private static List<MemorySegment> buffers(NativeMemory memory, long readBytes) {
    return List.of(memory.segment().asSlice(0, readBytes), memory.segment().asSlice(readBytes));
  }

  /** Throws {@link IllegalArgumentException} if the file can't have a capacity. */
  void requireCapacity(long capacityBytes) {
    LogFile file = log.file();
    var _ = Geometry.of(file.path(), capacityBytes, file.geometry().extentBytes());
  }

  /** Returns the native memory that the file tier uses besides the chunks, in bytes by tag. */
  Map<String, Long> memoryBytes(FileIndex index, Compressor compressor, Syncer syncer) {
    Map<String, Long> byTag = new LinkedHashMap<>();
    byTag.put("fileIndex", index.bytes());
    byTag.put("extentBuffers", memory.segment().byteSize() + syncer.scratchBytes());
    byTag.put("compression", compressor.bytes());
    byTag.put("rings", log.file().device().memoryBytes());
    return byTag;
  }

  /** Closes the log and the index of a tier that could not be opened. */
  static void discard(@Nullable OpenLog open, FileIndex index) {
    try {
      if (open != null) {
        open.close();
      }
    } finally {
      index.close();
    }
  }

  /** Checks buffers, table, index and counters. No read may be in flight. */
  void checkInvariants(FileIndex index, FileCounters counters) {
    readBuffers.checkInvariants();
    log.history().lock();
    try {
      log.table().checkInvariants(index);
      index.checkInvariants();
      counters.checkInvariants(index.count());
    } finally {
      log.history().unlock();
    }
  }

  /** Closes the device, which releases the file's lock, and unmaps the memory. */
  @Override
  public void close() {
    try {
      log.file().device().close();
    } finally {
      memory.close();
    }
  }
}
