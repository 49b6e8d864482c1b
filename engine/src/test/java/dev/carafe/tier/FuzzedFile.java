package dev.carafe.tier;

import dev.carafe.FileOptions.Compression;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.log.Geometry;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.DirectoryLayout.Trailer;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FileHeaderLayout;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import dev.carafe.log.format.RecordLayout;
import dev.carafe.log.format.RingHistory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A valid file that a fuzzer's script changes. Some steps change bytes. Others change a field and
 * its checksum, so that the code that runs after the checksum was verified is tested too.
 */
final class FuzzedFile {
  static final long KEYS = 24;
  static final long ROUNDS = 5;
  static final SimTier.Setup PLAIN = new SimTier.Setup(512 << 10, Compression.NONE, false);
  static final SimTier.Setup PACKED = new SimTier.Setup(512 << 10, Compression.LZ4, false);

  private static final List<Edit> EDITS = List.of(Edit.values());
  private static final int STEP_BYTES = 16;
  private static final int MAX_STEPS = 32;
  private static final int VALUE_BYTES = 3_000;

  private final SimTier.Setup setup;
  private final byte[] content;
  private final Geometry geometry;

  /** The kind of a step of a script. */
  enum Edit {
    WORD,
    BYTE,
    FILL,
    COPY,
    CUT,
    FILE_HEADER,
    EXTENT_HEADER,
    TRAILER,
    HASH,
    CHECK,
    LOCATION,
    RECORD;

    /** Whether checksums match after the step. If so, any value may be found. */
    boolean isSealed() {
      return compareTo(CUT) > 0;
    }
  }

  /** A step: what it changes, in which extent, at which offset, and to which value. */
  record Step(Edit edit, int which, int slot, int at, long value) {
    byte[] bytes() {
      return ByteBuffer.allocate(STEP_BYTES)
          .put((byte) EDITS.indexOf(edit))
          .put((byte) which)
          .putShort((short) slot)
          .putInt(at)
          .putLong(value)
          .array();
    }
  }

  /** The result of a script. */
  record Edited(SimTier.Setup setup, byte[] content, boolean sealed) {}

  /**
   * Writes a file with overwritten and removed keys and several flushes, and closes or kills it.
   */
  FuzzedFile(SimTier.Setup setup, boolean closed) {
    this.setup = setup;
    this.geometry = Geometry.of(setup.capacityBytes());
    SimDisk disk = new SimDisk(new byte[0]);
    byte[] killed;
    try (SimTier tier = new SimTier(disk, new FaultPlan(0), setup)) {
      for (long version = 1; version <= ROUNDS; version++) {
        for (long key = 0; key < KEYS; key++) {
          if (key % 5 == version) {
            tier.remove(key);
          } else {
            tier.put(key, version, VALUE_BYTES);
          }
        }
        tier.tier().flush();
      }
      killed = disk.content();
    }
    this.content = closed ? disk.content() : killed;
  }

  /** A script of these steps. */
  static byte[] script(int file, Step... steps) {
    ByteBuffer script = ByteBuffer.allocate(1 + steps.length * STEP_BYTES).put((byte) file);
    for (Step step : steps) {
      script.put(step.bytes());
    }
    return script.array();
  }

  /** Applies the steps that a buffer holds. */
  Edited edited(ByteBuffer script) {
    byte[] bytes = content.clone();
    boolean sealed = false;
    for (int i = 0; i < MAX_STEPS && script.remaining() >= STEP_BYTES && bytes.length > 0; i++) {
      Step step =
          new Step(
              EDITS.get(Byte.toUnsignedInt(script.get()) % EDITS.size()),
              Byte.toUnsignedInt(script.get()),
              Short.toUnsignedInt(script.getShort()) % geometry.extentCount(),
              script.getInt() & Integer.MAX_VALUE,
              script.getLong());
      sealed |= step.edit().isSealed();
      bytes = edited(bytes, step);
    }
    return new Edited(setup, bytes, sealed);
  }

  private byte[] edited(byte[] bytes, Step step) {
    int at = step.at() % bytes.length;
    switch (step.edit()) {
      case WORD -> {
        for (int i = 0; i < Math.min(Long.BYTES, bytes.length - at); i++) {
          bytes[at + i] = (byte) (step.value() >>> (i * Byte.SIZE));
        }
      }
      case BYTE -> bytes[at] = (byte) step.value();
      case FILL -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 512), (byte) step.value());
      case COPY -> {
        int from = (int) ((step.value() & Long.MAX_VALUE) % bytes.length);
        int length = Math.min(FormatVersion.BLOCK_BYTES, bytes.length - Math.max(at, from));
        System.arraycopy(bytes.clone(), from, bytes, at, length);
      }
      case CUT -> {
        return Arrays.copyOf(bytes, at);
      }
      default -> {
        if (bytes.length >= geometry.extentOffset(geometry.extentCount())) {
          return sealed(bytes, step);
        }
      }
    }
    return bytes;
  }

  private byte[] sealed(byte[] bytes, Step step) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = arena.allocate(bytes.length, FormatVersion.BLOCK_BYTES);
      MemorySegment.copy(bytes, 0, file, ValueLayout.JAVA_BYTE, 0, bytes.length);
      MemorySegment block = file.asSlice(0, FormatVersion.BLOCK_BYTES);
      if (!FileHeaderLayout.verifies(block)) {
        return bytes; // an earlier step has damaged the header
      }
      FileHeader header = FileHeaderLayout.read(block);
      MemorySegment extent =
          file.asSlice(geometry.extentOffset(step.slot()), geometry.extentBytes());
      switch (step.edit()) {
        case FILE_HEADER -> FileHeaderLayout.write(block, changed(header, step));
        case EXTENT_HEADER -> changeHeader(extent, header.fileId(), step);
        case RECORD -> changeRecord(extent, header.fileId(), step);
        default -> changeDirectory(extent, header.fileId(), step);
      }
      return file.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static FileHeader changed(FileHeader was, Step step) {
    long value = step.value();
    RingHistory rings = was.rings();
    return switch (step.which() % 6) {
      case 0 -> header(was, value, was.extentBytes());
      case 1 -> header(was, was.fileId(), value);
      case 2 -> was.resized(RingHistory.of((int) value), was.capacityBytes());
      case 3 -> was.resized(rings.beginningAt(value), was.capacityBytes());
      case 4 -> was.resized(longer(rings, value, step), was.capacityBytes());
      default -> was.resized(rings, value);
    };
  }

  private static RingHistory longer(RingHistory rings, long origin, Step step) {
    RingHistory.Ring ring = new RingHistory.Ring(origin, step.at() % 64, step.at() / 64 % 64);
    if (step.which() % 4 == 0) {
      RingHistory.Run run = new RingHistory.Run(origin, step.slot(), step.at() % 128);
      return new RingHistory(origin, List.of(run), List.of(ring));
    }
    List<RingHistory.Ring> longer = new ArrayList<>(rings.rings());
    longer.add(ring);
    return new RingHistory(origin, rings.runs(), longer);
  }

  private static FileHeader header(FileHeader was, long fileId, long extentBytes) {
    return new FileHeader(
        fileId, was.hashSecret(), extentBytes, was.rings(), was.capacityBytes(), was.codecs());
  }

  private static void changeHeader(MemorySegment extent, long fileId, Step step) {
    ExtentHeader read = ExtentHeaderLayout.read(extent, fileId);
    ExtentHeader was = read == null ? new ExtentHeader(step.at(), 0, 0) : read;
    long value = step.value();
    ExtentHeader changed =
        switch (step.which() % 3) {
          case 0 -> new ExtentHeader(value, was.syncedSequence(), was.salt());
          case 1 -> new ExtentHeader(was.sequence(), value, was.salt());
          default -> new ExtentHeader(was.sequence(), was.syncedSequence(), value);
        };
    ExtentHeaderLayout.write(extent, fileId, changed);
  }

  private static void changeDirectory(MemorySegment extent, long fileId, Step step) {
    long bytes = extent.byteSize();
    MemorySegment last = extent.asSlice(bytes - FormatVersion.BLOCK_BYTES);
    Trailer was = DirectoryLayout.readTrailer(last, fileId, bytes);
    if (was == null || was.count() == 0) {
      return;
    }
    MemorySegment entries = extent.asSlice(DirectoryLayout.startOf(bytes, was.count()));
    Trailer changed = step.edit() == Edit.TRAILER ? changed(was, step) : was;
    int target = step.at() % was.count();
    KeyHashes written = new KeyHashes(1);
    for (int i = 0; i < changed.count(); i++) {
      boolean isTarget = i == target;
      boolean known = i < was.count();
      KeyHash hash = known ? DirectoryLayout.hashAt(entries, i) : KeyHash.NONE;
      long location = known ? DirectoryLayout.locationAt(entries, i) : 0;
      boolean isCheck = isTarget && step.edit() == Edit.CHECK;
      KeyHash edited =
          new KeyHash(
              isTarget && step.edit() == Edit.HASH ? step.value() : hash.first(),
              isCheck ? (int) step.value() : hash.check(),
              isCheck ? (int) (step.value() >>> Integer.SIZE) : hash.cache());
      written.add(edited, isTarget && step.edit() == Edit.LOCATION ? step.value() : location);
    }
    DirectoryLayout.write(extent, fileId, changed, written);
  }

  private static Trailer changed(Trailer was, Step step) {
    long value = step.value();
    int maxCount = 4 * FormatVersion.BLOCK_BYTES / (int) DirectoryLayout.ENTRY.byteSize();
    return switch (step.which() % 4) {
      case 0 -> new Trailer(value, was.count(), was.latestExpiryNanos(), was.salt());
      case 1 ->
          new Trailer(
              was.sequence(), Math.floorMod(value, maxCount), was.latestExpiryNanos(), was.salt());
      case 2 -> new Trailer(was.sequence(), was.count(), value, was.salt());
      default -> new Trailer(was.sequence(), was.count(), was.latestExpiryNanos(), value);
    };
  }

  /** Changes a field of a record's header, or eight bytes behind it. */
  private static void changeRecord(MemorySegment extent, long fileId, Step step) {
    ExtentHeader header = ExtentHeaderLayout.read(extent, fileId);
    List<Long> records = records(extent);
    if (header == null || records.isEmpty()) {
      return;
    }
    long at = records.get(step.at() % records.size());
    byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(Long.reverseBytes(step.value())).array();
    long[] from = {4, 5, 6, 8, 12, 16, 24, 24 + (step.at() >>> 8) % VALUE_BYTES};
    int[] lengths = {1, 1, 2, 4, 4, 8, 8, 8};
    int which = step.which() % from.length;
    long end = at + from[which] + lengths[which];
    if (end <= extent.byteSize()) {
      MemorySegment.copy(value, 0, extent, ValueLayout.JAVA_BYTE, at + from[which], lengths[which]);
    }
    seal(extent, at, header.salt());
  }

  /** Writes the checksum of a record's bytes, if its length is possible. */
  static void seal(MemorySegment extent, long at, long salt) {
    RecordLayout.Header now = RecordLayout.read(extent, at);
    if (now.storedBytes() >= 0 && now.recordBytes() <= extent.byteSize() - at) {
      RecordLayout.writeChecksum(extent, at, salt);
    }
  }

  /** The offsets of the records of an extent. */
  static List<Long> records(MemorySegment extent) {
    List<Long> found = new ArrayList<>();
    long at = FormatVersion.BLOCK_BYTES;
    while (at + RecordLayout.HEADER_BYTES <= extent.byteSize()) {
      RecordLayout.Header header = RecordLayout.read(extent, at);
      if (!RecordLayout.isPlausible(header, extent.byteSize() - at)) {
        break;
      }
      found.add(at);
      at += header.recordBytes();
    }
    return found;
  }
}
