package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.uring.Ring;
import dev.carafe.uring.RingProbe;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file through io_uring. If the system refuses the ring while the file is open, what it refused
 * and all that comes later goes through a {@link ChannelDevice} of the same file (contract F2).
 */
final class UringDevice implements Device {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  /** A shortage that passes, of memory or of threads. */
  private static final Set<Integer> PASSING =
      Set.of(Errno.EAGAIN, Errno.EBUSY, Errno.EINTR, Errno.ENOMEM);

  private final Path path;
  private final int fd;
  private final Ring ring;
  private final FileLock lock;
  private final boolean openedDirect;
  private volatile DeviceInfo info;

  /** Null until the ring is refused. */
  private volatile @Nullable ChannelDevice channel;

  /** Guarded by this; from then on the descriptor's number may be somebody else's. */
  private boolean closed;

  UringDevice(Path path, Ring ring, FileLock lock, DeviceInfo info) {
    this.path = path;
    this.fd = lock.fd();
    this.ring = ring;
    this.lock = lock;
    this.info = info;
    this.openedDirect = info.direct();
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  @Override
  public void submit(IoOp op) {
    ChannelDevice instead = channel;
    if (instead == null) {
      ring.submit(op.on(this));
    } else {
      instead.submit(op);
    }
  }

  @Override
  public void submitAll(List<IoOp> ops) {
    ChannelDevice instead = channel;
    if (instead == null) {
      ops.forEach(op -> op.on(this));
      ring.submit(ops);
    } else {
      instead.submitAll(ops);
    }
  }

  @Override
  public IoResult await(IoOp op) {
    ChannelDevice instead = channel;
    if (op.isStarted()) {
      ring.await(op);
    } else if (instead != null) {
      return instead.await(op);
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
    ChannelDevice instead = channel;
    if (instead != null) {
      return instead.run(op);
    }
    ring.run(op.on(this));
    return resultOf(op);
  }

  @Override
  public void runAll(List<IoOp> ops) {
    ChannelDevice instead = channel;
    if (instead == null) {
      ops.forEach(op -> op.on(this));
      ring.runAll(ops);
    } else {
      instead.runAll(ops);
    }
  }

  /**
   * Does what the ring was refused to do, by the thread that was told.
   *
   * @return false if the refusal passes, or there is no other way
   */
  boolean takeOver(IoOp op, int errno) {
    if (PASSING.contains(errno)) {
      return false;
    }
    try {
      var _ = stepDown(errno).run(op);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.DEBUG, path + " can't be gone on with by a channel", e);
    }
    return op.isDone();
  }

  /** From now on transfers go through a channel; what the ring has ends by itself. */
  private synchronized ChannelDevice stepDown(int errno) {
    ChannelDevice instead = channel;
    if (instead == null) {
      String reason = RingProbe.whyNoEnterAnyMore(errno);
      instead = new ChannelDevice(path, lock, reason);
      info = less(DeviceInfo.Kind.CHANNEL, reason);
      channel = instead;
    }
    return instead;
  }

  /**
   * From now on transfers go through the page cache: the file system takes none past it, or none of
   * this alignment.
   *
   * @return whether to try again
   */
  synchronized boolean stopDirect() {
    if (info.direct()) {
      if (Libc.setDirect(fd, false) < 0) {
        return false;
      }
      info = less(info.kind(), Devices.NOT_DIRECT + "a transfer said " + Errno.words(Errno.EINVAL));
    }
    return openedDirect;
  }

  private DeviceInfo less(DeviceInfo.Kind kind, String reason) {
    LOG.log(Level.WARNING, path + " goes on with less, " + reason);
    String before = info.reason();
    String all = before.isEmpty() ? reason : before + "; " + reason;
    return new DeviceInfo(kind, false, info.alignmentBytes(), all);
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

  @Override
  public synchronized void publish() {
    requireOpen();
    lock.publish();
  }

  @Override
  public long memoryBytes() {
    return ring.memoryBytes();
  }

  @Override
  public @Nullable String trouble() {
    return channel == null ? ring.trouble() : null;
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
    ring.close(); // if this gives operations up, the file stays locked
    ChannelDevice instead = channel;
    try {
      if (instead != null) {
        instead.close();
      }
    } finally {
      lock.close();
    }
  }
}
