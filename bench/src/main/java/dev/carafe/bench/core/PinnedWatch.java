package dev.carafe.bench.core;

import dev.carafe.bench.core.IoRounds.Contender;
import dev.carafe.bench.core.IoRounds.IoSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/** Counts virtual threads that were parked while they held their carrier, as the JVM tells. */
final class PinnedWatch implements AutoCloseable {
  private static final String EVENT = "jdk.VirtualThreadPinned";

  private final Path file;

  private PinnedWatch(Path file) {
    this.file = file;
  }

  static PinnedWatch start() throws IOException {
    return new PinnedWatch(Files.createTempFile("pinned", ".jfr"));
  }

  /** A contender's round, with how often a carrier was pinned meanwhile. */
  IoSample counted(Contender contender) throws Exception {
    try (Recording recording = new Recording()) {
      recording.enable(EVENT).withThreshold(Duration.ZERO).withStackTrace();
      recording.start();
      IoSample sample = contender.run();
      recording.stop();
      recording.dump(file);
      long pinned =
          RecordingFile.readAllEvents(file).stream()
              .filter(event -> event.getEventType().getName().equals(EVENT))
              .count();
      return new IoSample(sample.rate(), sample.cpuNanos(), Map.of("pinned", (double) pinned));
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
