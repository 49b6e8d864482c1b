package dev.carafe.log;

import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import dev.carafe.log.format.RecordLayout;
import java.util.BitSet;

/**
 * The directory of the extent in an {@link ExtentBuffer}, and which of its records were submitted
 * for writing. Guarded by the history lock.
 */
final class BufferedRecords {
  private KeyHashes entries = new KeyHashes(64);

  /** Records that were copied from an older extent and were counted as new values there. */
  private final BitSet copies = new BitSet();

  /** The number of records, from the first one on, whose last byte was submitted for writing. */
  private int submittedCount;

  private long latestExpiryNanos;

  /** Removes all records. */
  void clear() {
    entries.clear();
    copies.clear();
    submittedCount = 0;
    latestExpiryNanos = 0;
  }

  /** Replaces all records by those of a resumed extent, which are in the file. */
  void resume(ExtentScanner found) {
    entries = new KeyHashes(found.records());
    copies.clear();
    submittedCount = entries.count();
    latestExpiryNanos = found.latestExpiryNanos();
  }

  /** Adds an appended record. */
  void add(RecordLayout.Header header, KeyHash hash, long offset) {
    long location = DirectoryLayout.location(header.kind(), offset, header.recordBytes());
    entries.add(hash, location);
    if (header.kind() == RecordLayout.VALUE) {
      latestExpiryNanos = Math.max(latestExpiryNanos, header.expiresAtNanos());
    }
  }

  /** Adds a copy of another extent's record. */
  void addCopy(RecordLayout.Header header, KeyHash hash, long offset) {
    entries.ensureRoom();
    copies.set(entries.count());
    add(header, hash, offset);
  }

  /** The entries of the directory. */
  KeyHashes entries() {
    return entries;
  }

  int count() {
    return entries.count();
  }

  /** The latest expiry of a value; 0 without values. */
  long latestExpiryNanos() {
    return latestExpiryNanos;
  }

  int submittedCount() {
    return submittedCount;
  }

  /**
   * Marks the records up to an offset as submitted. Returns the number of new values among them.
   */
  int submitUpTo(long to) {
    int values = 0;
    for (;
        submittedCount < entries.count() && endOf(entries.word(submittedCount)) <= to;
        submittedCount++) {
      boolean isNew = !copies.get(submittedCount);
      if (isNew && DirectoryLayout.kind(entries.word(submittedCount)) == RecordLayout.VALUE) {
        values++;
      }
    }
    return values;
  }

  /** Undoes {@link #submitUpTo}, for a write that could not be created. */
  void resetSubmitted(int count) {
    submittedCount = count;
  }

  private static long endOf(long location) {
    return DirectoryLayout.offset(location) + DirectoryLayout.recordBytes(location);
  }
}
