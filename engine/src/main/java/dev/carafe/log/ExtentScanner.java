package dev.carafe.log;

import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Finds the records of an extent that has no directory, by reading one after the other. */
final class ExtentScanner {
  private long[] hashes = new long[64];
  private long[] places = new long[64];
  private int count;
  private long latestExpiryNanos;
  private long endOffset;

  /** Reads a whole extent's records, up to the first place where none stands. */
  void scan(MemorySegment extent, LogFile file, long salt) {
    long offset = FormatVersion.BLOCK_BYTES;
    long limit = extent.byteSize() - FormatVersion.BLOCK_BYTES;
    count = 0;
    latestExpiryNanos = 0;
    endOffset = offset;
    while (offset + RecordLayout.HEADER_BYTES <= limit) {
      RecordLayout.Header header = RecordLayout.read(extent, offset);
      boolean valid =
          RecordLayout.isPlausible(header, limit - offset)
              && RecordLayout.verifies(extent, offset, header, salt);
      if (valid) {
        if (header.kind() != RecordLayout.PADDING) {
          note(extent, offset, header, file);
        }
        offset += header.recordBytes();
        endOffset = offset;
      } else {
        return;
      }
    }
  }

  private void note(MemorySegment extent, long offset, RecordLayout.Header header, LogFile file) {
    if (count == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * count);
      places = Arrays.copyOf(places, 2 * count);
    }
    hashes[count] =
        header.kind() == RecordLayout.TAIL
            ? header.expiresAtNanos()
            : file.hashOf(extent.asSlice(offset + RecordLayout.HEADER_BYTES, header.keyBytes()));
    places[count] = DirectoryLayout.place(header.kind(), offset, header.recordBytes());
    if (header.kind() == RecordLayout.VALUE) {
      latestExpiryNanos = Math.max(latestExpiryNanos, header.expiresAtNanos());
    }
    count++;
  }

  /** Whatever was found is one CLEAR now: nothing of it, and nothing before it, counts. */
  void becomeClear() {
    hashes[0] = 0;
    places[0] = DirectoryLayout.place(RecordLayout.CLEAR, 0, 0);
    count = 1;
    latestExpiryNanos = 0;
  }

  int count() {
    return count;
  }

  /** The keys' hashes, as many as there are records; a copy. */
  long[] hashes() {
    return Arrays.copyOf(hashes, Math.max(1, count));
  }

  /** Where the records lie; a copy. */
  long[] places() {
    return Arrays.copyOf(places, Math.max(1, count));
  }

  long latestExpiryNanos() {
    return latestExpiryNanos;
  }

  long hashAt(int index) {
    return hashes[index];
  }

  long placeAt(int index) {
    return places[index];
  }

  /** Where the last record ends. */
  long endOffset() {
    return endOffset;
  }

  /** Writes the directory that the extent lacks. */
  void writeDirectory(MemorySegment extent, long fileId, long sequence, long salt) {
    DirectoryLayout.Trailer trailer =
        new DirectoryLayout.Trailer(sequence, count, latestExpiryNanos, salt);
    DirectoryLayout.write(extent, fileId, trailer, hashes, places);
  }
}
