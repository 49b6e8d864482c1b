package dev.carafe.base;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * The engine's events for Java Flight Recorder. A method that begins an event returns null if the
 * event is not recorded, which costs the check of a flag, or if this JVM has no module {@code
 * jdk.jfr}. The classes of the events are loaded only if it has.
 *
 * <p>Proved by {@code FlightEventsTest}.
 */
public final class FlightEvents {
  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightEvents() {}

  /** Begins a read or a write of the device. */
  public static @Nullable Transfer transfer(boolean read, Path path) {
    return PRESENT ? Starts.transfer(read, path) : null;
  }

  /** Begins a flush. */
  public static @Nullable Flush flush() {
    return PRESENT ? Starts.flush() : null;
  }

  /** Begins to reclaim an extent. */
  public static @Nullable Reclaim reclaim() {
    return PRESENT ? Starts.reclaim() : null;
  }

  /** Begins to evacuate pages of the memory tier. */
  public static @Nullable Evacuation evacuation() {
    return PRESENT ? Starts.evacuation() : null;
  }

  /** Begins to open a file. */
  public static @Nullable Opening opening() {
    return PRESENT ? Starts.opening() : null;
  }

  /** Begins to recover a file. */
  public static @Nullable Recovery recovery() {
    return PRESENT ? Starts.recovery() : null;
  }

  /** A file is read and written by a slower device from now on. */
  public static void stepDown(Path path, String device, String reason) {
    if (PRESENT) {
      StepDown.emit(path, device, reason);
    }
  }

  /** A file can't be written. */
  public static void degraded(Path path, String reason) {
    if (PRESENT) {
      Degraded.emit(path, reason);
    }
  }

  /** A file can be written again. */
  public static void restored(Path path, Instant since) {
    if (PRESENT) {
      Restored.emit(path, since);
    }
  }

  /** A lease was not closed. */
  public static void leaseLeak(String lease) {
    if (PRESENT) {
      LeaseLeak.emit(lease);
    }
  }

  /** What the events have in common. */
  @Category("Carafe")
  @StackTrace(false)
  abstract static class CarafeEvent extends Event {
    static <E extends CarafeEvent> @Nullable E begun(E event) {
      if (!event.isEnabled()) {
        return null;
      }
      event.begin();
      return event;
    }

    /** Commits without an exception: a full heap costs the event, and not what it reports. */
    final void tryCommit() {
      try {
        commit();
      } catch (OutOfMemoryError e) {
        // not recorded
      }
    }
  }

  /** What the events of a file have in common. */
  abstract static class FileEvent extends CarafeEvent {
    @Label("File")
    String file = "";

    final void commitFor(Path path) {
      if (shouldCommit()) {
        file = path.toString();
        tryCommit();
      }
    }
  }

  /** A read or a write of the device. */
  public abstract static class Transfer extends FileEvent {
    private transient @Nullable Path path; // set where the event begins

    @Label("Offset")
    long offset;

    @DataAmount
    @Label("Length")
    long length;

    @Label("Succeeded")
    boolean succeeded;

    /** Ends the event. Throws nothing. */
    public final void end(long fileOffset, long bytes, boolean done) {
      end();
      offset = fileOffset;
      length = bytes;
      succeeded = done;
      commitFor(Objects.requireNonNull(path));
    }
  }

  @Name("dev.carafe.FileRead")
  @Label("File Read")
  @Description("A read of the file that took longer than the threshold")
  @Threshold("10 ms")
  static final class FileRead extends Transfer {}

  @Name("dev.carafe.FileWrite")
  @Label("File Write")
  @Description("A write of the file that took longer than the threshold")
  @Threshold("10 ms")
  static final class FileWrite extends Transfer {}

  /**
   * Begins events. Verifying this class loads theirs. So it is neither {@link FlightEvents}, which
   * is loaded without {@code jdk.jfr}, nor a superclass of an event, which the recorder verifies
   * while it loads the event.
   */
  private static final class Starts {
    /** Checks by an object of its own, which the compiler removes: most transfers need no event. */
    static @Nullable Transfer transfer(boolean read, Path path) {
      if (!(read ? new FileRead().isEnabled() : new FileWrite().isEnabled())) {
        return null;
      }
      Transfer event = read ? new FileRead() : new FileWrite();
      event.path = path;
      event.begin();
      return event;
    }

    static @Nullable Flush flush() {
      return CarafeEvent.begun(new Flush());
    }

    static @Nullable Reclaim reclaim() {
      return CarafeEvent.begun(new Reclaim());
    }

    static @Nullable Evacuation evacuation() {
      return CarafeEvent.begun(new Evacuation());
    }

    static @Nullable Opening opening() {
      return CarafeEvent.begun(new Opening());
    }

    static @Nullable Recovery recovery() {
      return CarafeEvent.begun(new Recovery());
    }
  }

  /** A flush. */
  @Name("dev.carafe.Flush")
  @Label("Flush")
  @Description("All records were written and synced, or that failed")
  public static final class Flush extends FileEvent {
    @Label("Succeeded")
    boolean succeeded;

    /** Ends the event. */
    public void end(Path path, boolean done) {
      succeeded = done;
      commitFor(path);
    }
  }

  /** The reclaiming of an extent. */
  @Name("dev.carafe.Reclaim")
  @Label("Reclaim")
  @Description("The oldest extent of the file was reclaimed, or that was not possible")
  public static final class Reclaim extends FileEvent {
    @Label("Extent")
    @Description("The sequence number of the extent")
    long extent;

    @DataAmount
    @Label("Copied")
    @Description("Bytes of the records that were copied to the end of the log")
    long copied;

    @Label("Freed")
    boolean freed;

    /** Ends the event. */
    public void end(Path path, long sequence, long copiedBytes, boolean done) {
      extent = sequence;
      copied = copiedBytes;
      freed = done;
      commitFor(path);
    }
  }

  /** The evacuation of pages of the memory tier. */
  @Name("dev.carafe.Evacuation")
  @Label("Evacuation")
  @Description("Values in memory were moved or dropped, to make room for another size")
  public static final class Evacuation extends CarafeEvent {
    @DataAmount
    @Label("Wanted")
    long wanted;

    @Label("Freed")
    boolean freed;

    /** Ends the event. */
    public void end(long bytes, boolean done) {
      wanted = bytes;
      freed = done;
      tryCommit();
    }
  }

  /** The opening of a file. */
  @Name("dev.carafe.Opening")
  @Label("Opening")
  @Description("A file was opened and recovered")
  public static final class Opening extends FileEvent {
    @Label("Device")
    String device = "";

    @Label("Device Reason")
    @Description("Which device is not available, and why; empty if nothing is missing")
    String deviceReason = "";

    @Label("Records")
    long records;

    /** Ends the event. */
    public void end(Path path, String kind, String reason, long count) {
      device = kind;
      deviceReason = reason;
      records = count;
      commitFor(path);
    }
  }

  /** The recovery of a file. */
  @Name("dev.carafe.Recovery")
  @Label("Recovery")
  @Description("The log of a file was replayed")
  public static final class Recovery extends FileEvent {
    @Label("Damaged")
    @Description("The damaged places that were found")
    long damaged;

    /** Ends the event. */
    public void end(Path path, long count) {
      damaged = count;
      commitFor(path);
    }
  }

  @Name("dev.carafe.StepDown")
  @Label("Step-Down")
  @Description("The file is read and written by a slower device from now on")
  static final class StepDown extends FileEvent {
    @Label("Device")
    String device = "";

    @Label("Reason")
    String reason = "";

    static void emit(Path path, String device, String reason) {
      StepDown event = new StepDown();
      event.device = device;
      event.reason = reason;
      event.commitFor(path);
    }
  }

  @Name("dev.carafe.Degraded")
  @Label("Degraded")
  @Description("The file can't be written; the memory tier works")
  static final class Degraded extends FileEvent {
    @Label("Reason")
    String reason = "";

    static void emit(Path path, String reason) {
      Degraded event = new Degraded();
      event.reason = reason;
      event.commitFor(path);
    }
  }

  @Name("dev.carafe.Restored")
  @Label("Restored")
  @Description("The file can be written again")
  static final class Restored extends FileEvent {
    @Timespan(Timespan.MILLISECONDS)
    @Label("Degraded For")
    long degradedFor;

    static void emit(Path path, Instant since) {
      Restored event = new Restored();
      event.degradedFor = Duration.between(since, Instant.now()).toMillis();
      event.commitFor(path);
    }
  }

  @Name("dev.carafe.LeaseLeak")
  @Label("Lease Leak")
  @Description("A lease was not closed, and was released after a garbage collection")
  static final class LeaseLeak extends CarafeEvent {
    @Label("Lease")
    String lease = "";

    static void emit(String lease) {
      LeaseLeak event = new LeaseLeak();
      event.lease = lease;
      event.tryCommit();
    }
  }
}
