package dev.carafe.log;

import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The writes of one extent buffer: those in flight are counted, those that failed are kept, to be
 * repeated. What the end of a write needs is allocated before it is started, since the heap may be
 * full then (contract F5). Writes are described and started under the history lock, and end on any
 * thread.
 */
final class ExtentWrites {
  private static final IoResult.Failed SUBMISSION_FAILED =
      new IoResult.Failed(0, "a write could not be submitted, and is repeated");
  private static final IoResult.Failed SHORT_WRITE =
      new IoResult.Failed(0, "only a part of a write was taken");

  private final LogFile file;
  private final EventCount changes;
  private final AtomicInteger inFlight = new AtomicInteger();

  /** The newest write that failed and was not repeated yet; each knows the one before. */
  private final AtomicReference<@Nullable Write> failed = new AtomicReference<>();

  ExtentWrites(LogFile file, EventCount changes) {
    this.file = file;
    this.changes = changes;
  }

  /**
   * Describes a write.
   *
   * @param op without a callback yet
   * @param values how many new values it holds
   * @return to be started
   */
  Write of(IoOp op, int values) {
    return new Write(op, values);
  }

  /** Repeats each write that failed, once: one that fails again waits for the next call. */
  void retry() {
    List<Write> again = new ArrayList<>();
    for (Write next = failed.get(); next != null; next = next.previous) {
      again.add(new Write(IoOp.write(next.op.buffer(), next.op.fileOffset()), next.values));
    }
    failed.set(null); // nothing is in flight that could fail meanwhile
    again.forEach(Write::start);
  }

  boolean isInFlight() {
    return inFlight.get() != 0;
  }

  /** Why a write failed that was not repeated yet; null if none did. */
  IoResult.@Nullable Failed failure() {
    Write newest = failed.get();
    return newest == null ? null : newest.failure;
  }

  /** One write. */
  final class Write implements Consumer<IoResult> {
    private final IoOp op;
    private final int values;
    private final AtomicBoolean completed = new AtomicBoolean();
    private @Nullable Write previous;
    private IoResult.@Nullable Failed failure;

    private Write(IoOp op, int values) {
      this.op = op.onDone(this);
      this.values = values;
    }

    /** Throws nothing: a write that can't be submitted has failed, and is repeated. */
    void start() {
      inFlight.getAndIncrement();
      file.bytesWritten().getAndAdd(op.buffer().byteSize());
      try {
        file.device().submit(op);
      } catch (Throwable e) {
        accept(SUBMISSION_FAILED);
      }
    }

    @Override
    public void accept(IoResult result) {
      if (completed.getAndSet(true)) {
        return;
      }
      switch (result) {
        case IoResult.Done done -> file.valuesBuffered().getAndAdd(-values);
        case IoResult.Failed why -> fail(why);
        case IoResult.Short cut -> fail(SHORT_WRITE);
      }
      inFlight.getAndDecrement(); // only now: what is not in flight and failed is seen as failed
      changes.signal();
    }

    private void fail(IoResult.Failed why) {
      failure = why;
      do {
        previous = failed.get();
      } while (!failed.compareAndSet(previous, this));
    }
  }
}
