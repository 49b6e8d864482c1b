package dev.carafe.bench.core;

import java.nio.file.Path;
import java.util.List;

/**
 * The benchmarks of the file tier that are run together; {@code bench hybrid} is another command.
 */
enum FileSuite {
  /** Random reads: fio, a file channel, the device, and the cache by each kind of caller. */
  READS("fio") {
    @Override
    List<Figure> run(Path dir, boolean quick) throws Exception {
      return new FileReadsBench(dir, quick).run();
    }
  },
  /** Values that memory has no room for, on their way to the file. */
  SPILL("fio") {
    @Override
    List<Figure> run(Path dir, boolean quick) throws Exception {
      return new SpillBench(dir, quick).run();
    }
  },
  /** Opening a file that holds values. */
  RECOVERY("fio") {
    @Override
    List<Figure> run(Path dir, boolean quick) throws Exception {
      return new RecoveryBench(dir, quick).run();
    }
  },
  /** Puts into a full memory, as fast as they go and at half of that. */
  PUTS("") {
    @Override
    List<Figure> run(Path dir, boolean quick) throws Exception {
      return new PutsBench(dir, quick).run();
    }
  };

  /** Whom the others are compared with. */
  final String measure;

  FileSuite(String measure) {
    this.measure = measure;
  }

  abstract List<Figure> run(Path dir, boolean quick) throws Exception;
}
