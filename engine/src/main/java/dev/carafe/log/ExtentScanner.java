package dev.carafe.log;

import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;

/** Finds the records of an extent without its directory, by reading its records in sequence. */
final class ExtentScanner {
  private final KeyHashes records = new KeyHashes(64);
  private long latestExpiryNanos;
  private long endOffset;

  /** Reads the records of an extent up to the first offset at which no record verifies. */
  void scan(MemorySegment extent, LogFile file, long salt) {
    long offset = FormatVersion.BLOCK_BYTES;
    long limit = extent.byteSize() - FormatVersion.BLOCK_BYTES;
    records.clear();
    latestExpiryNanos = 0;
    endOffset = offset;
    while (offset + RecordLayout.HEADER_BYTES <= limit) {
      RecordLayout.Header header = RecordLayout.read(extent, offset);
      boolean valid = RecordLayout.verifiesWithin(extent, offset, header, limit - offset, salt);
      if (valid) {
        if (header.kind() != RecordLayout.PADDING) {
          addRecord(extent, offset, header, file);
        }
        offset += header.recordBytes();
        endOffset = offset;
      } else {
        return;
      }
    }
  }

  private void addRecord(
      MemorySegment extent, long offset, RecordLayout.Header header, LogFile file) {
    long location = DirectoryLayout.location(header.kind(), offset, header.recordBytes());
    if (RecordLayout.hasNumber(header.kind())) {
      records.add(KeyHash.ofNumber(header.expiresAtNanos()), location);
    } else {
      KeyHash hash =
          file.hashOf(extent.asSlice(offset + RecordLayout.HEADER_BYTES, header.keyBytes()));
      records.add(hash, location);
    }
    if (header.kind() == RecordLayout.VALUE) {
      latestExpiryNanos = Math.max(latestExpiryNanos, header.expiresAtNanos());
    }
  }

  /**
   * Replaces the records by a single CLEAR: it removes the records of this extent and of all older
   * ones.
   */
  void replaceWithClear() {
    records.clear();
    records.add(KeyHash.NONE, DirectoryLayout.location(RecordLayout.CLEAR, 0, 0));
    latestExpiryNanos = 0;
  }

  int count() {
    return records.count();
  }

  /** The records' hashes and places; valid until the next scan. */
  KeyHashes records() {
    return records;
  }

  long latestExpiryNanos() {
    return latestExpiryNanos;
  }

  /** The end offset of the last record. */
  long endOffset() {
    return endOffset;
  }

  /** Writes a directory of the records into the extent. */
  void writeDirectory(MemorySegment extent, long fileId, long sequence, long salt) {
    DirectoryLayout.Trailer trailer =
        new DirectoryLayout.Trailer(sequence, records.count(), latestExpiryNanos, salt);
    DirectoryLayout.write(extent, fileId, trailer, records);
  }
}
