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

/** Counts the JFR events of virtual threads that parked while pinned to their carrier. */
final class PinnedParkCounter implements AutoCloseable {
  private static final String EVENT = "jdk.VirtualThreadPinned";

  private final Path file;

  private PinnedParkCounter(Path file) {
    this.file = file;
  }

  static PinnedParkCounter start() throws IOException {
    return new PinnedParkCounter(Files.createTempFile("pinned", ".jfr"));
  }

  /** Runs a round and adds the number of pinned parks. */
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
