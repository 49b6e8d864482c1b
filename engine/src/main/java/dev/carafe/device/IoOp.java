package dev.carafe.device;

import dev.carafe.uring.FixedBuffers;
import dev.carafe.uring.RingOp;
import dev.carafe.uring.SubmissionQueue;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One transfer, or one sync. It keeps its buffer reachable until it has ended (contract F3). */
public final class IoOp extends RingOp {
  private static final int RETRIES = 1000;

  private final Kind kind;
  private final MemorySegment buffer;
  private final long fileOffset;
  private @Nullable Consumer<IoResult> callback;

  // What follows is the ring's, under way.
  private @Nullable UringDevice device;
  private boolean buffered;
  private int progressBytes;
  private int retries;
  private @Nullable IoResult outcome;

  private volatile @Nullable IoResult result;
  private volatile @Nullable Thread waiter;

  /** What an op does. */
  public enum Kind {
    /** From the file to memory. */
    READ,
    /** From memory to the file. */
    WRITE,
    /** Makes completed writes durable (fdatasync). */
    SYNC
  }

  /** Made in advance: the heap may have no room when the op ends. */
  private final IoResult.Done done;

  private IoOp(Kind kind, MemorySegment buffer, long fileOffset) {
    this.kind = kind;
    this.done = new IoResult.Done((int) buffer.byteSize());
    this.buffer = buffer;
    this.fileOffset = fileOffset;
  }

  /**
   * A read.
   *
   * @param target native memory, to be filled
   * @param fileOffset where in the file it begins
   * @return a new op
   * @throws IllegalArgumentException if the kernel could not or must not fill it
   */
  public static IoOp read(MemorySegment target, long fileOffset) {
    if (target.isReadOnly()) {
      throw new IllegalArgumentException("target must be writable, but is " + target);
    }
    return new IoOp(Kind.READ, checked(target), checked(fileOffset));
  }

  /**
   * A write.
   *
   * @param source native memory, all of which is written
   * @param fileOffset where in the file it begins
   * @return a new op
   * @throws IllegalArgumentException if the kernel could not read it
   */
  public static IoOp write(MemorySegment source, long fileOffset) {
    return new IoOp(Kind.WRITE, checked(source), checked(fileOffset));
  }

  /**
   * A sync of what was written (fdatasync).
   *
   * @return a new op
   */
  public static IoOp sync() {
    return new IoOp(Kind.SYNC, MemorySegment.NULL, 0);
  }

  private static MemorySegment checked(MemorySegment buffer) {
    if (!buffer.isNative() || buffer.byteSize() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a buffer must be native and under 2 GiB, but is " + buffer);
    }
    return buffer;
  }

  /** To the kernel an offset of -1 is wherever the descriptor stands. */
  private static long checked(long fileOffset) {
    if (fileOffset < 0) {
      throw new IllegalArgumentException("fileOffset must not be negative, but is " + fileOffset);
    }
    return fileOffset;
  }

  /**
   * Has the result told, before the op is submitted.
   *
   * @param callback runs on whichever thread reaps; must not block
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
   * What it does.
   *
   * @return its kind
   */
  public Kind kind() {
    return kind;
  }

  /**
   * The memory it transfers.
   *
   * @return the segment as it was given
   */
  public MemorySegment buffer() {
    return buffer;
  }

  /**
   * Where in the file it begins.
   *
   * @return bytes from the file's start
   */
  public long fileOffset() {
    return fileOffset;
  }

  /**
   * Whether it has ended.
   *
   * @return true when there is a result
   */
  public boolean isDone() {
    return result != null;
  }

  /**
   * How it ended.
   *
   * @return null until it has
   */
  public @Nullable IoResult result() {
    return result;
  }

  /** About to be submitted to the ring of a device. */
  IoOp bindTo(UringDevice ringDevice) {
    this.device = ringDevice;
    return this;
  }

  /** Whether it was given to a ring. */
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

  /** Resumed until all is transferred, the file ends, or the system refuses. */
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
      outcome = IoResult.Failed.of(-count, () -> kind + " said " + Errno.describe(-count));
      return true;
    }
    progressBytes += count;
    if (progressBytes == expected) {
      outcome = done;
    } else if (count == 0) {
      outcome = new IoResult.Short(progressBytes, expected);
    } else if (device == null || progressBytes % device.alignmentBytes() != 0) {
      // a direct transfer can't be resumed in the middle of a block: the file ends there
      outcome = new IoResult.Short(progressBytes, expected);
    }
    return outcome != null;
  }

  /**
   * The kernel binds an operation to the thread that handed it over: when that thread exits, a
   * buffered read of what is not in the page cache ends in EFAULT, and what waits for a poll in
   * ECANCELED. If the address is bad indeed it says so again.
   */
  private static boolean isTransient(int errno) {
    return errno == Errno.EAGAIN
        || errno == Errno.EINTR
        || errno == Errno.EFAULT
        || errno == Errno.ECANCELED;
  }

  @Override
  protected void onCompleted() {
    IoResult known = outcome;
    complete(known == null ? IoResult.Failed.OUT_OF_HEAP : known); // what it threw was logged
  }

  @Override
  protected void onRefused(int errno) {
    UringDevice refusing = device;
    if (refusing == null || !refusing.runOnFallback(this, errno)) {
      IoResult failure = IoResult.Failed.OUT_OF_HEAP; // also where the next line can't be linked
      try {
        failure = IoResult.Failed.of(errno, () -> whyRefused(refusing, errno));
      } finally {
        complete(failure);
      }
    }
  }

  private String whyRefused(@Nullable UringDevice refusing, int errno) {
    String trouble = refusing == null ? null : refusing.trouble();
    return kind
        + " was refused: "
        + Errno.describe(errno)
        + (trouble == null ? "" : "; " + trouble);
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
    Consumer<IoResult> told = callback;
    if (told != null) {
      try {
        told.accept(outcome);
      } catch (Throwable e) {
        log(e);
      }
    }
  }
}
