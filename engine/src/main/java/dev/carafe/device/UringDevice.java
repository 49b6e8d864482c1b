package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.uring.FixedBuffers;
import dev.carafe.uring.Ring;
import dev.carafe.uring.RingOp;
import dev.carafe.uring.SubmissionQueue;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** A file through io_uring. */
final class UringDevice implements Device {
  private static final int RETRIES = 1000;

  private final Path path;
  private final int fd;
  private final Ring ring;
  private final FileLock lock;
  private final DeviceInfo info;

  /** Operations that were submitted and not awaited yet, by their public face. */
  private final ConcurrentMap<IoOp, Transfer> underWay = new ConcurrentHashMap<>();

  /** Guarded by this; from then on the descriptor's number may be somebody else's. */
  private boolean closed;

  UringDevice(Path path, int fd, Ring ring, FileLock lock, DeviceInfo info) {
    this.path = path;
    this.fd = fd;
    this.ring = ring;
    this.lock = lock;
    this.info = info;
  }

  /** One op on the ring: resumed until all is transferred, the file ends, or the system refuses. */
  private final class Transfer extends RingOp {
    private final IoOp op;
    private int retries;
    private @Nullable IoResult outcome;

    Transfer(IoOp op) {
      this.op = op;
    }

    @Override
    protected void prepare(SubmissionQueue queue, long userData) {
      if (op.kind() == IoOp.Kind.SYNC) {
        queue.command(UringAbi.OP_FSYNC, UringAbi.FSYNC_DATASYNC, userData);
        return;
      }
      MemorySegment rest = op.rest();
      int buffer = ring.fixed().indexOf(rest);
      boolean read = op.kind() == IoOp.Kind.READ;
      int opcode =
          buffer == FixedBuffers.NONE
              ? read ? UringAbi.OP_READ : UringAbi.OP_WRITE
              : read ? UringAbi.OP_READ_FIXED : UringAbi.OP_WRITE_FIXED;
      queue.transfer(
          opcode, Math.max(0, buffer), rest, op.fileOffset() + op.progressBytes, userData);
    }

    @Override
    protected boolean progress(int result) {
      int expected = (int) op.buffer().byteSize();
      if (result < 0) {
        if (isTransient(-result) && retries++ < RETRIES) {
          return false;
        }
        outcome = new IoResult.Failed(-result, op.kind() + " said " + Errno.words(-result));
        return true;
      }
      op.progressBytes += result;
      if (op.progressBytes == expected) {
        outcome = new IoResult.Done(expected);
      } else if (result == 0) {
        outcome = new IoResult.Short(op.progressBytes, expected);
      } else if (op.progressBytes % info.alignmentBytes() != 0) {
        // a direct transfer can't be resumed in the middle of a block: the file ends there
        outcome = new IoResult.Short(op.progressBytes, expected);
      }
      return outcome != null;
    }

    /**
     * The kernel binds an operation to the thread that handed it over, which need not be the one
     * that waits for it: when that thread exits, a buffered read of what is not in the page cache
     * ends in EFAULT, and what waits for a poll in ECANCELED. If the address is bad indeed it says
     * so again.
     */
    private static boolean isTransient(int errno) {
      return errno == Errno.EAGAIN
          || errno == Errno.EINTR
          || errno == Errno.EFAULT
          || errno == Errno.ECANCELED;
    }

    @Override
    protected void finished() {
      IoResult known = outcome;
      try {
        op.complete(known == null ? new IoResult.Failed(0, "no outcome") : known);
      } finally {
        underWay.remove(op);
      }
    }
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  @Override
  public void submit(IoOp op) {
    submitAll(List.of(op));
  }

  @Override
  public void submitAll(List<IoOp> ops) {
    List<Transfer> transfers = new ArrayList<>(ops.size());
    for (IoOp op : ops) {
      Transfer transfer = new Transfer(op);
      underWay.put(op, transfer);
      transfers.add(transfer);
    }
    ring.submit(transfers);
  }

  @Override
  public IoResult await(IoOp op) {
    Transfer transfer = underWay.get(op);
    if (transfer != null) {
      ring.await(transfer);
    }
    return resultOf(op);
  }

  private static IoResult resultOf(IoOp op) {
    IoResult result = op.result();
    if (result == null) {
      throw new IllegalStateException("an operation was awaited that was never submitted");
    }
    return result;
  }

  @Override
  public IoResult run(IoOp op) {
    ring.run(new Transfer(op));
    return resultOf(op);
  }

  @Override
  public synchronized long fileBytes() {
    requireOpen();
    long bytes = Libc.length(fd);
    if (bytes < 0) {
      throw failed("lseek", (int) -bytes);
    }
    return bytes;
  }

  @Override
  public synchronized void setFileBytes(long bytes) {
    requireOpen();
    int result = Libc.truncate(fd, bytes);
    if (result < 0) {
      throw failed("ftruncate", -result);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the device is closed");
    }
  }

  private DeviceException failed(String operation, int errno) {
    return new DeviceException(operation, path, errno, Errno.words(errno), null);
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    ring.close();
    var _ = Libc.close(fd);
    lock.close();
  }
}
