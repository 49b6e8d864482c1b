package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;

/**
 * Checks a cache after a crash. The version of each key is not older than the last flush, and was
 * begun before the crash. A key is absent only if it changed after that flush, or was removed
 * (contract D2, D3, R1 to R3).
 */
final class CrashCheck {
  private CrashCheck() {}

  /** Opens the file, checks each key, and records the versions that it found as the new start. */
  static int check(FileOptions options, CrashJournal journal) {
    try (CrashTarget target = CrashTarget.of(CrashChild.open(options))) {
      return check(target, journal);
    }
  }

  /** Checks each key, and records the versions that it found as the new start. */
  static int check(CrashTarget target, CrashJournal journal) {
    for (long key = 0; key < CrashJournal.KEYS; key++) {
      byte[] value = target.cache(key).getIfPresent(key);
      long found = value == null ? 0 : CrashJournal.versionOf(key, value);
      checkOne(key, found, journal);
      journal.settle(
          key, value == null ? CrashJournal.nextRemoval(key, journal.begun(key)) : found);
    }
    target.checkInvariants();
    return CrashJournal.KEYS;
  }

  static void checkInvariants(Carafe<?, ?> cache) {
    CacheContext<?, ?> context = ((CarafeCache<?, ?>) cache).context;
    context.checkInvariants();
    if (context.tiers().storage.file != null) {
      context.tiers().storage.file.checkInvariants();
    }
  }

  private static void checkOne(long key, long found, CrashJournal journal) {
    long begun = journal.begun(key);
    long flushed = journal.flushed(key);
    String words =
        "key " + key + " is version " + found + ", flushed " + flushed + ", begun " + begun;
    if (found != 0) {
      boolean possible = found >= flushed && found <= begun && !CrashJournal.isRemoval(key, found);
      if (!possible) {
        throw new AssertionError("came back or never was: " + words);
      }
    } else if (begun == flushed && flushed != 0 && !CrashJournal.isRemoval(key, flushed)) {
      throw new AssertionError("lost: " + words);
    }
  }
}
