package dev.carafe.cache;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * The versions of each key that were begun, completed and flushed, in a mapped file. The file keeps
 * its contents when the writing process is killed. A pipe would lose what its reader has not read.
 *
 * <p>The versions of a key are 1, 2, 3 and so on. Key and version determine whether a version is a
 * put or a removal, and its bytes.
 */
final class CrashJournal {
  static final int KEYS = 120;
  static final int WRITERS = 3;

  private static final int MAX_VALUE_BYTES = 24_000;
  private static final int FIELDS = 3;
  private static final int MARKS = 8;
  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

  private final MemorySegment words;

  /** Counters in the journal. */
  enum Mark {
    /** The cache is open and written to. */
    READY(0),
    /** Changes that returned. */
    OPERATIONS(1),
    /** Flushes that returned. */
    FLUSHES(2),
    /** Reads that were checked. */
    READS(3),
    /** Values that the cache counted as dropped. */
    DROPPED(4),
    /** Bytes that were written to the file. */
    WRITTEN(5),
    /** Caches that were removed as a whole. */
    REMOVED_CACHES(6);

    private final int place;

    Mark(int place) {
      this.place = place;
    }
  }

  CrashJournal(Path path) {
    long bytes = (long) (KEYS * FIELDS + MARKS) * Long.BYTES;
    try (FileChannel channel = FileChannel.open(path, CREATE, READ, WRITE)) {
      words = channel.map(MapMode.READ_WRITE, 0, bytes, Arena.ofAuto());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long get(long word) {
    return (long) WORD.getVolatile(words, word * Long.BYTES);
  }

  private void set(long word, long value) {
    WORD.setVolatile(words, word * Long.BYTES, value);
  }

  long begun(long key) {
    return get(key * FIELDS);
  }

  long done(long key) {
    return get(key * FIELDS + 1);
  }

  long flushed(long key) {
    return get(key * FIELDS + 2);
  }

  void begin(long key, long version) {
    set(key * FIELDS, version);
  }

  void done(long key, long version) {
    set(key * FIELDS + 1, version);
  }

  void flushed(long key, long version) {
    set(key * FIELDS + 2, version);
  }

  /** Sets the oldest version that may be found from now on. */
  void settle(long key, long version) {
    begin(key, version);
    done(key, version);
    flushed(key, version);
  }

  long mark(Mark mark) {
    return get((long) KEYS * FIELDS + mark.place);
  }

  void mark(Mark mark, long value) {
    set((long) KEYS * FIELDS + mark.place, value);
  }

  void count(Mark mark, long more) {
    var _ = WORD.getAndAdd(words, ((long) KEYS * FIELDS + mark.place) * Long.BYTES, more);
  }

  static boolean isRemoval(long key, long version) {
    return version % 7 == key % 7;
  }

  /** Returns the next version that removes the key. */
  static long nextRemoval(long key, long version) {
    long next = version + 1;
    while (!isRemoval(key, next)) {
      next++;
    }
    return next;
  }

  /** Returns the bytes of a version. Half of them are compressible. */
  static byte[] value(long key, long version) {
    SplittableRandom random = new SplittableRandom(key * 0x9E3779B97F4A7C15L + version);
    byte[] value = new byte[16 + random.nextInt(MAX_VALUE_BYTES)];
    byte[] noise = new byte[(value.length - 16) / 2];
    random.nextBytes(noise);
    System.arraycopy(noise, 0, value, 16, noise.length);
    MemorySegment.ofArray(value).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, key);
    MemorySegment.ofArray(value).set(ValueLayout.JAVA_LONG_UNALIGNED, Long.BYTES, version);
    return value;
  }

  /** Returns the version of a value, after a check of all its bytes. */
  static long versionOf(long key, byte[] value) {
    long version = MemorySegment.ofArray(value).get(ValueLayout.JAVA_LONG_UNALIGNED, Long.BYTES);
    int wrong = java.util.Arrays.mismatch(value, value(key, version));
    if (wrong >= 0) {
      throw new AssertionError("key " + key + ", version " + version + ": wrong byte " + wrong);
    }
    return version;
  }
}
