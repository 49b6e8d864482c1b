package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.cache.CrashJournal.Mark;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.Function;

/** The process that a test kills. Arguments: file, journal, io, compression, seed. */
final class CrashChild {
  static final long CAPACITY_BYTES = 4 << 20;
  static final long MEMORY_BYTES = 1 << 20;

  private CrashChild() {}

  static FileOptions options(Path file, Io io, Compression compression) {
    return FileOptions.at(file, CAPACITY_BYTES).withIo(io).withCompression(compression);
  }

  static Carafe<Long, byte[]> open(FileOptions options) {
    return Caches.builder(MEMORY_BYTES).file(options).build();
  }

  public static void main(String[] args) throws Exception {
    run(args, options -> CrashTarget.of(open(options)));
  }

  /** Writes to the caches of a file until the process is killed. */
  static void run(String[] args, Function<FileOptions, CrashTarget> opener) throws Exception {
    CrashJournal journal = new CrashJournal(Path.of(args[1]));
    CrashTarget target =
        opener.apply(options(Path.of(args[0]), Io.valueOf(args[2]), Compression.valueOf(args[3])));
    CrashLoad load = new CrashLoad(target, journal, new SplittableRandom(Long.parseLong(args[4])));
    journal.mark(Mark.READY, 1);
    load.await();
  }
}
