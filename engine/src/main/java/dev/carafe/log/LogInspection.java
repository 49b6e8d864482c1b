package dev.carafe.log;

import dev.carafe.DamagedFileException;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.device.Device;
import dev.carafe.device.Devices;
import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import dev.carafe.device.NativeMemory;
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
 * Inspects a file that no cache has open, without changing it. Recovery finds the log and the live
 * records; then all of the log is read and each checksum is compared.
 *
 * <p>Of extents that are no longer part of the log only the headers are checked, since they hold no
 * live record.
 */
public final class LogInspection {
  private static final FileOptions.Recovery SKIP = FileOptions.Recovery.SKIP_DAMAGED;

  private LogInspection() {}

  /**
   * Inspects a file.
   *
   * @param path the file
   * @param nowNanos the time of the expiry check, in nanoseconds since the epoch
   * @param damage receives each mismatch, with its offset in the file
   * @return the content of the file
   * @throws DamagedFileException if the file header is not one of this format version; the rest of
   *     the file can't be read then
   * @throws dev.carafe.FileInUseException if a cache has it open
   * @throws DeviceException if a read fails
   */
  public static FileReport run(Path path, long nowNanos, Consumer<Mismatch> damage) {
    try (Device device = Devices.openReadOnly(path)) {
      FileHeader header = header(path, device);
      Geometry geometry = geometry(path, header);
      try (NativeMemory memory = NativeMemory.map(geometry.extentBytes(), false)) {
        MemorySegment extent = memory.segment();
        LogFile file = open(path, header, device, geometry, extent);
        NewestRecords live = new NewestRecords();
        ExtentTable table = new ExtentTable(geometry);
        long expectedBytes = device.fileBytes(); // the length after an interrupted creation
        if (!UnfinishedFile.matches(file, extent)) {
          expectedBytes = TruncatedFile.expectedBytes(geometry);
          var _ = new Recovery(file, SKIP, extent).run(table, live);
        }
        if (device.fileBytes() < expectedBytes) {
          damage.accept(truncation(device.fileBytes(), expectedBytes));
        }
        ExtentVerifier check = new ExtentVerifier(file, table, extent, live, nowNanos, damage);
        List<FileReport.Extent> extents = new ArrayList<>();
        for (int slot = 0; slot < geometry.extentCount(); slot++) {
          extents.add(check.check(slot));
        }
        return new FileReport(
            path,
            device.fileBytes(),
            expectedBytes,
            header,
            table.oldest(),
            table.newestSequence(),
            extents);
      }
    }
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

  private static FileHeader header(Path path, Device device) {
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

  private static Geometry geometry(Path path, FileHeader header) {
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
    public void forEach(Visitor visitor) {
      Map.copyOf(addresses).forEach(visitor::visit);
    }
  }
}
