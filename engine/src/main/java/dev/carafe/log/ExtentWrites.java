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
 * The writes of one extent buffer. It counts the writes in flight, and keeps failed writes to
 * repeat them. All memory that a completion needs is allocated before the write starts, because the
 * heap may be full later (contract F5). Writes are created and started under the history lock, and
 * complete on any thread.
 */
final class ExtentWrites {
  private static final IoResult.Failed SUBMISSION_FAILED =
      new IoResult.Failed(0, "a write could not be submitted; it is repeated");
  private static final IoResult.Failed SHORT_WRITE =
      new IoResult.Failed(0, "a write was short; it is repeated");

  static {
    // The JVM links these calls when they are first made, which needs heap: each is made once here.
    // Otherwise the first write that fails, on a full heap, would stay in flight (F5).
    var _ = new AtomicReference<Object>(SHORT_WRITE).compareAndSet(SHORT_WRITE, SHORT_WRITE);
    var _ = new AtomicBoolean().compareAndSet(false, true);
    var _ = new AtomicBoolean().getAndSet(true);
  }

  private final LogFile file;
  private final EventCount changes;
  private final AtomicInteger inFlight = new AtomicInteger();

  /** The newest failed write that was not repeated yet; each links to the previous one. */
  private final AtomicReference<@Nullable Write> failed = new AtomicReference<>();

  ExtentWrites(LogFile file, EventCount changes) {
    this.file = file;
    this.changes = changes;
  }

  /**
   * Creates a write.
   *
   * @param op the operation, without a callback yet
   * @param values the number of new values in it
   * @return the write, which the caller starts
   */
  Write of(IoOp op, int values) {
    return new Write(op, values);
  }

  /** Repeats each failed write once. A write that fails again waits for the next call. */
  void retry() {
    List<Write> again = new ArrayList<>();
    for (Write next = failed.get(); next != null; next = next.previous) {
      again.add(new Write(IoOp.write(next.op.buffer(), next.op.fileOffset()), next.values));
    }
    failed.set(null); // no write is in flight, so none can fail meanwhile
    for (int i = 0;
        i < again.size();
        i++) { // allocates nothing, since a skipped write would be lost
      again.get(i).start();
    }
  }

  boolean isInFlight() {
    return inFlight.get() != 0;
  }

  /** The failure of a write that was not repeated yet; null if there is none. */
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

    /**
     * Starts the write. It does not throw: a write that can't be submitted counts as failed and is
     * repeated.
     */
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
      if (result.isDone()) { // no switch on types: the JVM may need heap to link it
        file.valuesBuffered().getAndAdd(-values);
      } else {
        fail(result instanceof IoResult.Failed error ? error : SHORT_WRITE);
      }
      // last, so that a failed write counts as failed when it is no longer in flight
      inFlight.getAndDecrement();
      changes.signal();
    }

    private void fail(IoResult.Failed error) {
      failure = error;
      do {
        previous = failed.get();
      } while (!failed.compareAndSet(previous, this));
    }
  }
}
