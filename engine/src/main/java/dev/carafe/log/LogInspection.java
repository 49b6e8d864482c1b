package dev.carafe.log;

import dev.carafe.DamagedFileException;
import dev.carafe.DeviceException;
import dev.carafe.FileInUseException;
import dev.carafe.FileOptions;
import dev.carafe.device.Device;
import dev.carafe.device.Devices;
import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import dev.carafe.device.NativeMemory;
import dev.carafe.device.ReadOnlyDevice;
import dev.carafe.log.format.FileHeaderLayout;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.Mismatch;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Inspects a file without changing it. Recovery finds the log and the live records; then all of the
 * log is read and each checksum is compared.
 *
 * <p>Of extents that are no longer part of the log only the headers are checked, since they hold no
 * live record.
 *
 * <p>A cache may have the file open, or open it meanwhile. Bytes that do not verify are then damage
 * only in extents that were synced before the inspection, and that are part of the log after they
 * were read. Other extents are being written.
 */
public final class LogInspection {
  private static final FileOptions.Recovery SKIP = FileOptions.Recovery.SKIP_DAMAGED;
  private static final int MAX_ATTEMPTS = 5;

  private final LogFile file;
  private final TruncatedFile truncated;
  private final MemorySegment extent;
  private final boolean inUse;
  private ExtentTable table;
  private NewestRecords live = new NewestRecords();
  private long synced;

  private LogInspection(LogFile file, MemorySegment extent, boolean inUse) {
    this.file = file;
    this.truncated = new TruncatedFile(file);
    this.extent = extent;
    this.inUse = inUse;
    this.table = new ExtentTable(file.geometry());
  }

  /**
   * Inspects a file.
   *
   * @param path the file
   * @param nowNanos the time of the expiry check, in nanoseconds since the epoch
   * @param damage receives each mismatch, with its offset in the file
   * @return the content of the file
   * @throws DamagedFileException if the file header is not one of this format version; the rest of
   *     the file can't be read then
   * @throws FileInUseException if a cache writes to the file faster than it can be read, or on
   *     other systems than Linux, if a cache has it open
   * @throws DeviceException if a read fails
   */
  public static FileReport run(Path path, long nowNanos, Consumer<Mismatch> damage) {
    try (ReadOnlyDevice device = Devices.openShared(path)) {
      boolean inUse = device.isInUse();
      FileHeader header = header(path, device);
      Geometry geometry = geometry(path, header);
      try (NativeMemory memory = NativeMemory.map(geometry.extentBytes(), false)) {
        MemorySegment extent = memory.segment();
        LogFile file = open(path, header, device, geometry, extent);
        FileReport report = new LogInspection(file, extent, inUse).run(nowNanos, damage);
        return inUse || !device.isInUse() ? report : report.inUse();
      }
    }
  }

  private FileReport run(long nowNanos, Consumer<Mismatch> damage) {
    long fileBytes = file.device().fileBytes();
    long expectedBytes = fileBytes; // the length after an interrupted creation
    if (!UnfinishedFile.matches(file, extent)) {
      expectedBytes = TruncatedFile.expectedBytes(file.geometry());
      recover();
    }
    if (fileBytes < expectedBytes) {
      damage.accept(truncation(fileBytes, expectedBytes));
    }
    ContentCounts counts = new ContentCounts();
    List<FileReport.Extent> extents = checkAll(nowNanos, counts, damage);
    return new FileReport(
        file.path(),
        fileBytes,
        expectedBytes,
        file.header(),
        table.oldest(),
        table.newestSequence(),
        extents,
        file.header().hasManyCaches() ? counts.caches() : List.of(),
        inUse);
  }

  /** Repeats a recovery that found damage in extents that were reclaimed meanwhile. */
  private void recover() {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      RecoveryPlan plan = LiveScan.run(file, truncated, extent);
      synced = plan.synced();
      table = new ExtentTable(file.geometry());
      live = new NewestRecords();
      long damaged = new RecoveryReplay(file, SKIP, truncated, extent, plan).run(table, live);
      if (damaged == 0 || !inUse || oldest() <= plan.first()) {
        return;
      }
    }
    throw new FileInUseException(
        file.path(), "is written faster than it can be read; inspect it again later");
  }

  /** The sequence of the oldest extent of the log now. */
  private long oldest() {
    return LiveScan.run(file, truncated, extent).first();
  }

  private List<FileReport.Extent> checkAll(
      long nowNanos, ContentCounts counts, Consumer<Mismatch> damage) {
    List<Mismatch> found = new ArrayList<>();
    ExtentVerifier check = new ExtentVerifier(file, table, extent, live, nowNanos, found::add);
    List<FileReport.Extent> extents = new ArrayList<>();
    for (int slot = 0; slot < file.geometry().slotCount(); slot++) {
      found.clear();
      FileReport.Extent checked = check.check(slot);
      FileReport.Extent settled = found.isEmpty() || !inUse ? checked : settle(checked);
      if (settled.damagedPlaces() > 0) {
        found.forEach(damage);
      }
      if (settled.state() != ExtentTable.State.CLEAN) {
        counts.addAll(check.counts());
      }
      extents.add(settled);
    }
    return extents;
  }

  /** Tells damage from a write in progress. */
  private FileReport.Extent settle(FileReport.Extent checked) {
    if (checked.state() == ExtentTable.State.CLEAN || checked.sequence() > synced) {
      return checked.beingWritten();
    }
    return oldest() > checked.sequence() ? checked.reclaimed() : checked;
  }

  private static Mismatch truncation(long found, long expected) {
    return new Mismatch(
        found, "a length of " + expected + " bytes", found + " bytes: the file was truncated");
  }

  private static LogFile open(
      Path path, FileHeader header, Device device, Geometry geometry, MemorySegment block) {
    FileOptions options = FileOptions.at(path, header.capacityBytes()).withRecovery(SKIP);
    return LogFiles.open(options, header.codecs(), device, geometry, block);
  }

  static FileHeader header(Path path, Device device) {
    try (NativeMemory memory = NativeMemory.map(FormatVersion.BLOCK_BYTES, false)) {
      MemorySegment block = memory.segment();
      IoResult read = device.run(IoOp.read(block, 0));
      LogFile.orThrow("read", path, read);
      Mismatch wrong = FileHeaderLayout.mismatch(block);
      if (wrong != null) {
        throw new DamagedFileException(path, wrong.offset(), wrong.expected(), wrong.found());
      }
      return FileHeaderLayout.read(block);
    }
  }

  static Geometry geometry(Path path, FileHeader header) {
    Geometry geometry = Geometry.of(header);
    if (geometry == null) {
      throw new DamagedFileException(
          path,
          0,
          "a possible length and number of extents",
          header.extentCount() + " of " + header.extentBytes() + " bytes");
    }
    return geometry;
  }

  /** The address of each key's newest record. */
  private static final class NewestRecords implements RecordIndex {
    private final Map<KeyHash, Long> addresses = new HashMap<>();

    private static long orNone(@Nullable Long address) {
      return address == null ? RecordAddress.NONE : address;
    }

    @Override
    public long find(KeyHash hash) {
      return orNone(addresses.get(hash));
    }

    @Override
    public long put(KeyHash hash, long address) {
      return orNone(addresses.put(hash, address));
    }

    @Override
    public long remove(KeyHash hash) {
      return orNone(addresses.remove(hash));
    }

    @Override
    public void clear() {
      addresses.clear();
    }

    @Override
    public void clear(int cache) {
      addresses.keySet().removeIf(hash -> hash.cache() == cache);
    }

    @Override
    public void forEach(Visitor visitor) {
      Map.copyOf(addresses).forEach(visitor::visit);
    }
  }
}
