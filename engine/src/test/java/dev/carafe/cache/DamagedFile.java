package dev.carafe.cache;

import static dev.carafe.cache.Caches.value;

import dev.carafe.Carafe;
import dev.carafe.CarafeException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.log.Geometry;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FileHeaderLayout;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.RecordLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** An undamaged file, the purpose of each of its bytes, and its keys. */
final class DamagedFile {
  static final long CAPACITY_BYTES = 1 << 20;
  static final int KEYS = 80;

  private static final int ROUNDS = 4;
  private static final int VALUE_BYTES = 2500;

  /** The structure that a byte belongs to. */
  enum Part {
    FILE_HEADER,
    FILE_HEADER_PADDING,
    EXTENT_HEADER,
    EXTENT_HEADER_PADDING,
    RECORD_HEADER,
    KEY,
    VALUE,
    TOMBSTONE,
    PADDING_RECORD,
    GAP,
    DIRECTORY_ENTRY,
    TRAILER,
    CLEAN_EXTENT
  }

  private final Path path;
  private final byte[] bytes;
  private final Map<Part, List<Integer>> places = new EnumMap<>(Part.class);
  private final boolean[] certain;
  private long fileId;
  private long newest;

  /** Writes a file with overwritten and removed keys and several flushes, and closes it. */
  DamagedFile(Path path) throws IOException {
    this.path = path;
    try (Carafe<Long, byte[]> cache = open(path, Io.CHANNEL, Recovery.STRICT)) {
      for (int round = 0; round < ROUNDS; round++) {
        for (long key = 0; key < KEYS; key++) {
          if (isRemoved(key, round)) {
            cache.invalidate(key);
          } else if (isWritten(key, round)) {
            cache.put(key, value(key, round, VALUE_BYTES));
          }
          if (key % 20 == 0) {
            cache.flush();
          }
        }
      }
    }
    this.bytes = Files.readAllBytes(path);
    this.certain = new boolean[bytes.length];
    for (Part part : Part.values()) {
      places.put(part, new ArrayList<>());
    }
    map();
    if (!hasEndOfLog(bytes)) {
      throw new AssertionError("a closed file does not say where it ends");
    }
  }

  private static boolean isWritten(long key, int round) {
    return round == 0 || key % ROUNDS >= round;
  }

  private static boolean isRemoved(long key, int round) {
    return round > 0 && key % 9 == round;
  }

  /** Returns the only value that a key may have. */
  static byte[] expected(long key) {
    byte[] newest = null;
    for (int round = 0; round < ROUNDS; round++) {
      newest =
          isRemoved(key, round)
              ? null
              : isWritten(key, round) ? value(key, round, VALUE_BYTES) : newest;
    }
    return newest == null ? new byte[0] : newest;
  }

  /** Returns whether a key had this value; with {@code newestOnly}, whether it is the newest. */
  private static boolean isOneOf(long key, byte[] value, boolean newestOnly) {
    for (int round = 0; round < ROUNDS && !newestOnly; round++) {
      if (isWritten(key, round) && Arrays.equals(value, value(key, round, VALUE_BYTES))) {
        return true;
      }
    }
    return Arrays.equals(value, expected(key));
  }

  static Carafe<Long, byte[]> open(Path path, Io io, Recovery recovery) {
    FileOptions options =
        FileOptions.at(path, CAPACITY_BYTES)
            .withIo(io)
            .withCompression(Compression.NONE)
            .withRecovery(recovery);
    return Caches.builder(64 * 1024).file(options).build();
  }

  Path path() {
    return path;
  }

  byte[] copy() {
    return bytes.clone();
  }

  List<Integer> places(Part part) {
    return places.getOrDefault(part, List.of());
  }

  /** Returns whether a later header states that the extent of this byte was synced. */
  boolean isCertain(int at) {
    return certain[at];
  }

  private void map() {
    MemorySegment file = inMemory(bytes);
    fileId = FileHeaderLayout.read(file.asSlice(0, FormatVersion.BLOCK_BYTES)).fileId();
    note(Part.FILE_HEADER, 0, FileHeaderLayout.LAYOUT.byteSize());
    note(Part.FILE_HEADER_PADDING, FileHeaderLayout.LAYOUT.byteSize(), FormatVersion.BLOCK_BYTES);
    Geometry geometry = Geometry.of(CAPACITY_BYTES);
    long synced = 0;
    newest = 0;
    for (int slot = 0; slot < geometry.extentCount(); slot++) {
      ExtentHeader header = ExtentHeaderLayout.read(extent(file, geometry, slot), fileId);
      newest = header == null ? newest : Math.max(newest, header.sequence());
      synced = header == null ? synced : Math.max(synced, header.syncedSequence());
    }
    for (int slot = 0; slot < geometry.extentCount(); slot++) {
      mapExtent(extent(file, geometry, slot), geometry.extentOffset(slot), fileId, synced);
    }
  }

  /** Returns whether an intact header states the end of the log. */
  boolean hasEndOfLog(byte[] damaged) {
    MemorySegment file = inMemory(damaged);
    Geometry geometry = Geometry.of(CAPACITY_BYTES);
    for (int slot = 0; slot < geometry.extentCount(); slot++) {
      if (geometry.extentOffset(slot) + FormatVersion.BLOCK_BYTES <= damaged.length) {
        MemorySegment block = file.asSlice(geometry.extentOffset(slot), FormatVersion.BLOCK_BYTES);
        ExtentHeader header = ExtentHeaderLayout.read(block, fileId);
        if (header != null
            && header.syncedSequence() == newest
            && geometry.slotOf(header.sequence()) == slot) {
          return true;
        }
      }
    }
    return false;
  }

  /** Returns whether the damage is a truncation, so that the missing records are known. */
  private boolean isBeginning(byte[] damaged) {
    return damaged.length < bytes.length
        && Arrays.equals(bytes, 0, damaged.length, damaged, 0, damaged.length);
  }

  private static MemorySegment inMemory(byte[] bytes) {
    MemorySegment file = Arena.ofAuto().allocate(bytes.length, FormatVersion.BLOCK_BYTES);
    MemorySegment.copy(bytes, 0, file, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return file;
  }

  private static MemorySegment extent(MemorySegment file, Geometry geometry, int slot) {
    return file.asSlice(geometry.extentOffset(slot), geometry.extentBytes());
  }

  private void mapExtent(MemorySegment extent, long from, long fileId, long synced) {
    long end = extent.byteSize();
    ExtentHeader header = ExtentHeaderLayout.read(extent, fileId);
    DirectoryLayout.Trailer trailer =
        DirectoryLayout.readTrailer(
            extent.asSlice(end - FormatVersion.BLOCK_BYTES), fileId, extent.byteSize());
    if (header == null || trailer == null) {
      note(Part.CLEAN_EXTENT, from, from + end);
      return;
    }
    for (long at = from; at < from + end; at++) {
      certain[(int) at] = header.sequence() <= synced;
    }
    long headerEnd = ExtentHeaderLayout.LAYOUT.byteSize();
    note(Part.EXTENT_HEADER, from, from + headerEnd);
    note(Part.EXTENT_HEADER_PADDING, from + headerEnd, from + FormatVersion.BLOCK_BYTES);
    long directory = DirectoryLayout.startOf(end, trailer.count());
    long records = mapRecords(extent, from, directory);
    note(Part.GAP, records, from + directory);
    long trailerAt = from + end - DirectoryLayout.TRAILER.byteSize();
    note(
        Part.DIRECTORY_ENTRY,
        from + directory,
        from + directory + trailer.count() * DirectoryLayout.ENTRY.byteSize());
    note(Part.TRAILER, trailerAt, from + end);
  }

  private long mapRecords(MemorySegment extent, long from, long limit) {
    long at = FormatVersion.BLOCK_BYTES;
    while (at + RecordLayout.HEADER_BYTES <= limit) {
      RecordLayout.Header header = RecordLayout.read(extent, at);
      if (!RecordLayout.isPlausible(header, limit - at)) {
        break;
      }
      long key = at + RecordLayout.HEADER_BYTES;
      long value = key + header.keyBytes();
      switch (header.kind()) {
        case RecordLayout.VALUE -> {
          note(Part.RECORD_HEADER, from + at, from + key);
          note(Part.KEY, from + key, from + value);
          note(Part.VALUE, from + value, from + value + header.storedBytes());
        }
        case RecordLayout.PADDING ->
            note(Part.PADDING_RECORD, from + at, from + at + header.recordBytes());
        default -> note(Part.TOMBSTONE, from + at, from + at + header.recordBytes());
      }
      at += header.recordBytes();
    }
    return from + at;
  }

  private void note(Part part, long from, long to) {
    for (long at = from; at < to; at++) {
      places(part).add((int) at);
    }
  }

  /** The result of opening a damaged file. */
  record Outcome(int hits, int misses, String refusal) {}

  /** Opens the given bytes as a file; each value must be the newest of its key, or a miss. */
  Outcome outcome(byte[] damaged, Io io, Recovery recovery) throws IOException {
    Files.write(path, damaged);
    boolean newestOnly = hasEndOfLog(damaged) || isBeginning(damaged);
    try (Carafe<Long, byte[]> cache = open(path, io, recovery)) {
      int hits = 0;
      for (long key = 0; key < KEYS; key++) {
        byte[] value = cache.getIfPresent(key);
        if (value != null) {
          hits++;
          if (!isOneOf(key, value, newestOnly)) {
            throw new AssertionError("key " + key + " has a value that is not its newest");
          }
        }
      }
      cache.put(1L, new byte[100]);
      return new Outcome(hits, KEYS - hits, "");
    } catch (CarafeException e) {
      return new Outcome(0, 0, e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }
}
