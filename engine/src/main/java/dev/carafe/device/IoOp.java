package dev.carafe.device;

import dev.carafe.base.FlightEvents;
import dev.carafe.uring.FixedBuffers;
import dev.carafe.uring.RingOp;
import dev.carafe.uring.SubmissionQueue;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One transfer or one sync. It keeps its buffer reachable until it has completed (contract F3). */
public final class IoOp extends RingOp {
  private static final int RETRIES = 1000;

  private final Kind kind;
  private final MemorySegment buffer;
  private final long fileOffset;
  private @Nullable Consumer<IoResult> callback;

  // State of an op in flight; only the thread that owns the ring uses it.
  private @Nullable UringDevice device;
  private boolean buffered;
  private int progressBytes;
  private int retries;
  private @Nullable IoResult outcome;

  private volatile @Nullable IoResult result;
  private volatile @Nullable Thread waiter;

  /** The kind of an op. */
  public enum Kind {
    /** From the file to memory. */
    READ("read"),
    /** From memory to the file. */
    WRITE("write"),
    /** Makes completed writes durable (fdatasync). */
    SYNC("fdatasync");

    private final String call;

    Kind(String call) {
      this.call = call;
    }
  }

  /** Allocated in advance, since the heap may be full when the op completes. */
  private final IoResult.Done done;

  private IoOp(Kind kind, MemorySegment buffer, long fileOffset) {
    this.kind = kind;
    this.done = new IoResult.Done((int) buffer.byteSize());
    this.buffer = buffer;
    this.fileOffset = fileOffset;
  }

  /**
   * Creates a read.
   *
   * @param target native memory, filled by the read
   * @param fileOffset bytes from the file's start
   * @return a new op
   * @throws IllegalArgumentException if the target is not native, is read-only or is too long
   */
  public static IoOp read(MemorySegment target, long fileOffset) {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("target is " + target + " but must be writable");
    }
    return new IoOp(Kind.READ, checked(target), checked(fileOffset));
  }

  /**
   * Creates a write.
   *
   * @param source native memory, all of which is written
   * @param fileOffset bytes from the file's start
   * @return a new op
   * @throws IllegalArgumentException if the source is not native or is too long
   */
  public static IoOp write(MemorySegment source, long fileOffset) {
    return new IoOp(Kind.WRITE, checked(source), checked(fileOffset));
  }

  /**
   * Creates a sync of completed writes (fdatasync).
   *
   * @return a new op
   */
  public static IoOp sync() {
    return new IoOp(Kind.SYNC, MemorySegment.NULL, 0);
  }

  private static MemorySegment checked(MemorySegment buffer) {
    if (!buffer.isNative() || buffer.byteSize() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "buffer is " + buffer + " but must be native and shorter than 2 GiB");
    }
    return buffer;
  }

  /** The kernel interprets an offset of -1 as the descriptor's current position. */
  private static long checked(long fileOffset) {
    if (fileOffset < 0) {
      throw new IllegalArgumentException(
          "fileOffset is " + fileOffset + " but must not be negative");
    }
    return fileOffset;
  }

  /**
   * Sets the callback for the result. Called before the op is submitted.
   *
   * @param callback runs on the thread that reaps the completion; must not block
   * @return this
   */
  public IoOp onDone(Consumer<IoResult> callback) {
    this.callback = callback;
    return this;
  }

  boolean hasCallback() {
    return callback != null;
  }

  /**
   * The kind of the op.
   *
   * @return its kind
   */
  public Kind kind() {
    return kind;
  }

  /**
   * The memory of the transfer.
   *
   * @return the segment given at creation
   */
  public MemorySegment buffer() {
    return buffer;
  }

  /**
   * The start of the transfer in the file.
   *
   * @return bytes from the file's start
   */
  public long fileOffset() {
    return fileOffset;
  }

  /**
   * Whether the op has completed.
   *
   * @return true if there is a result
   */
  public boolean isDone() {
    return result != null;
  }

  /**
   * The result.
   *
   * @return null until the op has completed
   */
  public @Nullable IoResult result() {
    return result;
  }

  /** Binds the op to a device, before it is submitted to the device's ring. */
  IoOp bindTo(UringDevice ringDevice) {
    begin(ringDevice.path());
    this.device = ringDevice;
    return this;
  }

  /** Begins the flight recorder's event of a transfer, unless a ring that refused it has. */
  void begin(Path path) {
    FlightEvents.Transfer event =
        kind == Kind.SYNC || device != null ? null : FlightEvents.transfer(kind == Kind.READ, path);
    if (event != null) {
      Consumer<IoResult> receiver = callback;
      callback =
          outcome -> {
            event.end(fileOffset, buffer.byteSize(), outcome.isDone());
            if (receiver != null) {
              receiver.accept(outcome);
            }
          };
    }
  }

  /** Whether the op was submitted to a ring. */
  boolean isBoundToRing() {
    return device != null;
  }

  @Override
  protected void prepare(SubmissionQueue queue, long userData) {
    if (kind == Kind.SYNC) {
      queue.command(UringAbi.OP_FSYNC, UringAbi.FSYNC_DATASYNC, userData);
      return;
    }
    MemorySegment rest = progressBytes == 0 ? buffer : buffer.asSlice(progressBytes);
    int index = queue.fixed().indexOf(rest);
    boolean read = kind == Kind.READ;
    int opcode =
        index == FixedBuffers.NONE
            ? read ? UringAbi.OP_READ : UringAbi.OP_WRITE
            : read ? UringAbi.OP_READ_FIXED : UringAbi.OP_WRITE_FIXED;
    queue.transfer(opcode, Math.max(0, index), rest, fileOffset + progressBytes, userData);
  }

  /** Resumes a short transfer until it is complete, the file ends, or the system refuses it. */
  @Override
  protected boolean onResult(int count) {
    int expected = (int) buffer.byteSize();
    if (count < 0) {
      if (isTransient(-count) && retries++ < RETRIES) {
        return false;
      }
      if (count == -Errno.EINVAL && !buffered && device != null && device.disableDirect()) {
        buffered = true;
        return false;
      }
      outcome = IoResult.Failed.of(-count, () -> failedWith(Errno.explain(-count)));
      return true;
    }
    progressBytes += count;
    if (progressBytes == expected) {
      outcome = done;
    } else if (count == 0) {
      outcome = new IoResult.Short(progressBytes, expected);
    } else if (device == null || progressBytes % device.alignmentBytes() != 0) {
      // a direct transfer can't resume inside a block; the file ends there
      outcome = new IoResult.Short(progressBytes, expected);
    }
    return outcome != null;
  }

  /**
   * Whether to retry. The kernel binds an operation to the submitting thread: when that thread
   * exits, a buffered read that misses the page cache fails with EFAULT, and an operation that
   * waits for a poll fails with ECANCELED. If the address is really invalid, the retry fails with
   * EFAULT again.
   */
  private static boolean isTransient(int errno) {
    return errno == Errno.EAGAIN
        || errno == Errno.EINTR
        || errno == Errno.EFAULT
        || errno == Errno.ECANCELED;
  }

  @Override
  protected void onCompleted() {
    IoResult reached = outcome;
    complete(reached == null ? IoResult.Failed.OUT_OF_HEAP : reached); // null: onResult threw
  }

  @Override
  protected void onRefused(int errno) {
    UringDevice refusing = device;
    if (refusing == null || !refusing.runOnFallback(this, errno)) {
      IoResult failure = IoResult.Failed.OUT_OF_HEAP; // stays if the lambda below can't be linked
      try {
        failure = IoResult.Failed.of(errno, () -> refusalMessage(refusing, errno));
      } finally {
        complete(failure);
      }
    }
  }

  private String refusalMessage(@Nullable UringDevice refusing, int errno) {
    String failure = refusing == null ? null : refusing.failure();
    return failedWith(Errno.describe(errno)) + (failure == null ? "" : "; " + failure);
  }

  /** Describes a failure of this op, with length and offset. */
  String failedWith(Object error) {
    return (kind == Kind.SYNC
            ? kind.call
            : kind.call + " of " + buffer.byteSize() + " bytes at offset " + fileOffset)
        + " failed with "
        + error;
  }

  void setWaiter(Thread thread) {
    waiter = thread;
  }

  void complete(IoResult outcome) {
    result = outcome;
    Thread waiting = waiter;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
    Consumer<IoResult> receiver = callback;
    if (receiver != null) {
      try {
        receiver.accept(outcome);
      } catch (Throwable e) {
        log(e);
      }
    }
  }
}
