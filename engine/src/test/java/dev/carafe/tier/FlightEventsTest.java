package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.base.FlightEvents;
import dev.carafe.base.Limits;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;
import dev.carafe.region.Evacuator;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.RefusedCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The events of the engine, as Java Flight Recorder records them (issue 21, item 1). */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FlightEventsTest {
  private static final int VALUE_BYTES = 1000;
  private static final List<String> NAMES =
      List.of(
          "FileRead",
          "FileWrite",
          "Flush",
          "Reclaim",
          "Evacuation",
          "Opening",
          "Recovery",
          "StepDown",
          "Degraded",
          "Restored",
          "LeaseLeak");

  @TempDir Path directory;

  private Carafe<Long, byte[]> open(Io io) {
    FileOptions file =
        FileOptions.at(directory.resolve("c"), 1 << 20)
            .withCompression(Compression.NONE)
            .withIo(io);
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(Codec.bytes())
        .memory(64 * 1024)
        .file(file)
        .build();
  }

  /** Runs while all events are recorded, whatever their duration. */
  private List<RecordedEvent> recorded(Runnable action) throws IOException {
    Path file = directory.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      for (String name : NAMES) {
        recording.enable("dev.carafe." + name).withThreshold(Duration.ZERO);
      }
      recording.start();
      action.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file);
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("dev.carafe." + name))
        .sorted(Comparator.comparing(RecordedEvent::getStartTime)) // a file has them by thread
        .toList();
  }

  private static RecordedEvent last(List<RecordedEvent> events, String name) {
    List<RecordedEvent> found = named(events, name);
    assertFalse(found.isEmpty(), () -> name + " among " + events.size() + " events");
    assertEquals("Carafe", found.getLast().getEventType().getCategoryNames().getFirst());
    return found.getLast();
  }

  /** Random overwrites of half of what the file holds: reclaimed extents have live records. */
  private static void overwrite(Carafe<Long, byte[]> cache) {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; cache.tierStats().file().reinserted() == 0; i++) {
      assertTrue(i < 100_000, () -> cache.tierStats().toString());
      cache.put(random.nextLong(500), new byte[VALUE_BYTES]);
    }
    cache.flush();
    for (long key = 0; key < 500; key++) {
      var _ = cache.getIfPresent(key);
    }
  }

  private void checkFileEvents(Io io) throws IOException {
    String path = directory.resolve("c").toString();
    List<RecordedEvent> events =
        recorded(() -> {
          try (Carafe<Long, byte[]> cache = open(io)) {
            overwrite(cache);
          }
          open(io).close();
        });
    for (String name : List.of("FileRead", "FileWrite")) {
      RecordedEvent transfer = last(events, name);
      assertEquals(path, transfer.getString("file"));
      assertTrue(transfer.getLong("length") > 0, transfer::toString);
      assertTrue(transfer.getLong("offset") >= 0, transfer::toString);
      assertTrue(transfer.getBoolean("succeeded"), transfer::toString);
    }
    assertTrue(last(events, "Flush").getBoolean("succeeded"));
    assertTrue(
        named(events, "Reclaim").stream()
            .anyMatch(event -> event.getBoolean("freed") && event.getLong("copied") > 0));
    RecordedEvent opening = last(events, "Opening");
    assertEquals(path, opening.getString("file"));
    assertTrue(opening.getLong("records") > 0, opening::toString);
    assertFalse(opening.getString("device").isEmpty(), opening::toString);
    assertEquals(0, last(events, "Recovery").getLong("damaged"));
    assertEquals(List.of(), named(events, "Degraded"));
    assertEquals(List.of(), named(events, "StepDown"));
  }

  @Test
  void transfersFlushesReclaimsAndOpeningsOfAChannel() throws IOException {
    checkFileEvents(Io.CHANNEL);
  }

  @Test
  void transfersFlushesReclaimsAndOpeningsOfTheBestDevice() throws IOException {
    checkFileEvents(Io.AUTO);
  }

  @Test
  void aFileThatCanNotBeWrittenAndThenCan() throws IOException {
    FaultPlan faults = new FaultPlan(0);
    List<RecordedEvent> events =
        recorded(() -> {
          SimTier.Setup setup = new SimTier.Setup(512 << 10, Compression.NONE, false);
          try (SimTier tier = new SimTier(new SimDisk(new byte[0]), faults, setup)) {
            faults.full(true);
            var _ = tier.put(1, 1, VALUE_BYTES);
            Assertions.assertThrows(DeviceException.class, tier.tier()::flush);
            awaitDegraded(tier.tier(), true);
            faults.full(false);
            awaitDegraded(tier.tier(), false);
          }
        });
    RecordedEvent degraded = last(events, "Degraded");
    assertTrue(degraded.getString("reason").contains("No space"), degraded::toString);
    RecordedEvent restored = last(events, "Restored");
    assertFalse(restored.getDuration("degradedFor").isNegative(), restored::toString);
    assertEquals(degraded.getString("file"), restored.getString("file"));
    assertTrue(named(events, "Flush").stream().anyMatch(event -> !event.getBoolean("succeeded")));
  }

  private static void awaitDegraded(FileTier tier, boolean expected) {
    while ((tier.metrics().degraded() != null) != expected) {
      Thread.yield(); // until the maintenance thread has seen it; the test has a bound
    }
  }

  @Test
  void anEvacuationOfMemory() throws IOException {
    ChunkPool pool =
        new ChunkPool(Arena.ofAuto().allocate(4L * Limits.PAGE_BYTES, Limits.PAGE_BYTES));
    List<RecordedEvent> events =
        recorded(() -> {
          for (long ref = pool.tryAlloc(64); ref != ChunkRef.NONE; ref = pool.tryAlloc(64)) {
            pool.setOwner(ref, "a chunk");
          }
          assertTrue(pool.makeRoom(Limits.PAGE_BYTES, new Dropping(pool)));
        });
    RecordedEvent evacuation = last(events, "Evacuation");
    assertEquals(Limits.PAGE_BYTES, evacuation.getLong("wanted"));
    assertTrue(evacuation.getBoolean("freed"));
  }

  /** Relocates nothing. */
  private record Dropping(ChunkPool pool) implements Evacuator {
    @Override
    public boolean relocate(long from, Object owner, long to) {
      return false;
    }

    @Override
    public void drop(long from, Object owner) {
      pool.free(from);
    }
  }

  @Test
  void aLeaseThatIsNeverClosed() throws InterruptedException {
    var leaked = new LinkedBlockingQueue<String>();
    try (RecordingStream stream = new RecordingStream();
        Carafe<Long, byte[]> cache = open(Io.CHANNEL)) {
      stream.enable("dev.carafe.LeaseLeak");
      stream.onEvent("dev.carafe.LeaseLeak", event -> leaked.add(event.getString("lease")));
      stream.startAsync();
      cache.put(42L, new byte[VALUE_BYTES]);
      leak(cache, 42);
      String lease = null;
      while (lease == null) {
        System.gc();
        lease = leaked.poll(100, TimeUnit.MILLISECONDS);
      }
      assertTrue(lease.contains("42"), lease);
    }
  }

  private static void leak(Carafe<Long, byte[]> cache, long key) {
    assertNotNull(cache.lease(key));
  }

  /** The ring is refused while the cache is open. */
  @Test
  void aStepDownNamesDeviceAndReason() throws IOException {
    List<RecordedEvent> events =
        recorded(() -> {
          try (Carafe<Long, byte[]> cache = open(Io.AUTO)) {
            Assumptions.assumeFalse(
                cache.health().device().startsWith("CHANNEL"), cache.health()::deviceReason);
            cache.put(1L, new byte[VALUE_BYTES]);
            try (var _ = RefusedCalls.ofSyscall(RefusedCalls.ENTER, Errno.EPERM)) {
              cache.flush();
            }
          }
        });
    RecordedEvent stepDown = last(events, "StepDown");
    assertEquals("CHANNEL", stepDown.getString("device"));
    assertTrue(stepDown.getString("reason").contains("EPERM"), stepDown::toString);
    assertEquals(directory.resolve("c").toString(), stepDown.getString("file"));
    assertTrue(last(events, "FileWrite").getBoolean("succeeded"));
  }

  @Test
  void quickTransfersAreNotRecordedByDefault() throws IOException {
    Path file = directory.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      NAMES.forEach(name -> recording.enable("dev.carafe." + name));
      recording.start();
      try (Carafe<Long, byte[]> cache = open(Io.CHANNEL)) {
        cache.put(1L, new byte[VALUE_BYTES]);
        cache.flush();
      }
      recording.stop();
      recording.dump(file);
      for (RecordedEvent write : named(RecordingFile.readAllEvents(file), "FileWrite")) {
        assertTrue(write.getDuration().toMillis() >= 10, write::toString);
      }
    }
  }

  /** One line for each event: name, fields, description. */
  @Test
  void theTableOfTheDocsHasEachEvent() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    for (Class<?> type : FlightEvents.class.getDeclaredClasses()) {
      Name name = type.getAnnotation(Name.class);
      if (name != null) {
        Set<String> fields = new TreeSet<>();
        for (Class<?> c = type; c != Event.class && c != null; c = c.getSuperclass()) {
          Arrays.stream(c.getDeclaredFields())
              .filter(field -> field.isAnnotationPresent(Label.class))
              .forEach(field -> fields.add("`" + field.getName() + "`"));
        }
        String what = type.getAnnotation(Description.class).value();
        rows.put(
            name.value(),
            "| `" + name.value() + "` | " + String.join(", ", fields) + " | " + what + " |");
      }
    }
    assertEquals(
        NAMES.stream().map(name -> "dev.carafe." + name).sorted().toList(),
        List.copyOf(rows.keySet()));
    String documented =
        Files.readAllLines(Path.of("..", "docs", "INTEGRATIONS.md")).stream()
            .filter(line -> line.startsWith("| `dev.carafe."))
            .collect(Collectors.joining("\n"));
    assertEquals(String.join("\n", rows.values()), documented, "docs/INTEGRATIONS.md");
  }

  @Test
  void nothingBeginsWithoutARecording() {
    assertEquals(null, FlightEvents.transfer(true, directory));
    assertEquals(null, FlightEvents.transfer(false, directory));
    assertEquals(null, FlightEvents.flush());
    assertEquals(null, FlightEvents.reclaim());
    assertEquals(null, FlightEvents.evacuation());
    assertEquals(null, FlightEvents.opening());
    assertEquals(null, FlightEvents.recovery());
  }
}
