package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.base.FlightEvents;
import dev.carafe.uring.LockLimit;
import dev.carafe.uring.Ring;
import dev.carafe.uring.RingProbe;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes a file through io_uring. If the system refuses io_uring_enter while the file is
 * open, a {@link ChannelDevice} of the same file performs the refused and all later transfers
 * (contract F2).
 */
final class UringDevice implements Device {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  /** Temporary shortages of memory or threads, which cause no fallback. */
  private static final Set<Integer> TRANSIENT_ERRNOS =
      Set.of(Errno.EAGAIN, Errno.EBUSY, Errno.EINTR, Errno.ENOMEM);

  private final Path path;
  private final int fd;
  private final Ring ring;
  private final FileLock lock;
  private final boolean openedDirect;
  private final HolePunch holes;
  private final boolean registers;
  private volatile DeviceInfo info;

  /** Guarded by this: the reasons of the info, except for the registration. */
  private String reasons;

  /** Guarded by this. */
  private FixedMemory registered;

  /** The device in use after the ring was refused; null before. */
  private volatile @Nullable ChannelDevice fallback;

  /** Guarded by this. After closing, the descriptor number may belong to another file. */
  private boolean closed;

  /**
   * Takes ownership of ring and lock.
   *
   * @param direct whether transfers are direct, and their alignment
   * @param reasons which better mode is not in use, except for the registration
   * @param registered the registered memory; null if the device must not register any
   */
  UringDevice(
      Path path,
      Ring ring,
      FileLock lock,
      Access direct,
      String reasons,
      @Nullable FixedMemory registered) {
    this.path = path;
    this.fd = lock.fd();
    this.ring = ring;
    this.lock = lock;
    this.reasons = reasons;
    this.holes = new HolePunch(path);
    this.registers = registered != null;
    this.registered = registered == null ? new FixedMemory(0, "") : registered;
    this.openedDirect = direct.isDirect();
    this.info = new DeviceInfo(kind(), direct.isDirect(), direct.alignmentBytes(), reason());
  }

  /** Whether transfers bypass the page cache, and the alignment that they need. */
  record Access(boolean isDirect, int alignmentBytes) {}

  private DeviceInfo.Kind kind() {
    return registered.bytes() > 0 ? DeviceInfo.Kind.FIXED_BUFFERS : DeviceInfo.Kind.URING;
  }

  private String reason() {
    return reasons.isEmpty() || registered.reason().isEmpty()
        ? reasons + registered.reason()
        : reasons + "; " + registered.reason();
  }

  @Override
  public synchronized void register(List<MemorySegment> memory) {
    if (!registers || closed || fallback != null) {
      return;
    }
    ring.replaceRegistration(() ->
        registered = FixedMemory.register(ring::registerShared, memory, LockLimit.bytes(), true));
    info = new DeviceInfo(kind(), info.direct(), info.alignmentBytes(), reason());
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  @Override
  public void submit(IoOp op) {
    ChannelDevice fallbackChannel = fallback;
    if (fallbackChannel == null) {
      ring.submit(op.bindTo(this));
    } else {
      fallbackChannel.submit(op);
    }
  }

  @Override
  public void submitAll(List<IoOp> ops) {
    ChannelDevice fallbackChannel = fallback;
    if (fallbackChannel == null) {
      ops.forEach(op -> op.bindTo(this));
      ring.submit(ops);
    } else {
      fallbackChannel.submitAll(ops);
    }
  }

  @Override
  public IoResult await(IoOp op) {
    ChannelDevice fallbackChannel = fallback;
    if (op.isBoundToRing()) {
      ring.await(op);
    } else if (fallbackChannel != null) {
      return fallbackChannel.await(op);
    }
    return resultOf(op);
  }

  private static IoResult resultOf(IoOp op) {
    IoResult result = op.result();
    if (result == null) {
      throw new IllegalStateException("the op was not submitted to this device");
    }
    return result;
  }

  @Override
  public IoResult run(IoOp op) {
    ChannelDevice fallbackChannel = fallback;
    if (fallbackChannel != null) {
      return fallbackChannel.run(op);
    }
    ring.run(op.bindTo(this));
    return resultOf(op);
  }

  @Override
  public void runAll(List<IoOp> ops) {
    ChannelDevice fallbackChannel = fallback;
    if (fallbackChannel == null) {
      ops.forEach(op -> op.bindTo(this));
      ring.runAll(ops);
    } else {
      fallbackChannel.runAll(ops);
    }
  }

  /**
   * Runs an op that the ring refused through the fallback, on the calling thread.
   *
   * @return false if the refusal is temporary, or the fallback can't be opened
   */
  boolean runOnFallback(IoOp op, int errno) {
    if (TRANSIENT_ERRNOS.contains(errno)) {
      return false;
    }
    try {
      var _ = fallBack(errno).run(op);
    } catch (RuntimeException | Error e) {
      LOG.log(
          Level.DEBUG, path + ": the fallback to a file channel failed, so the transfer fails", e);
    }
    return op.isDone();
  }

  /** Switches later transfers to a file channel. Those in flight on the ring complete there. */
  private synchronized ChannelDevice fallBack(int errno) {
    ChannelDevice fallbackChannel = fallback;
    if (fallbackChannel == null) {
      String reason = RingProbe.enterRefusedInUse(errno);
      fallbackChannel = new ChannelDevice(path, lock, reason);
      info = degraded(DeviceInfo.Kind.CHANNEL, reason);
      fallback = fallbackChannel;
    }
    return fallbackChannel;
  }

  /**
   * Switches transfers to the page cache, after the file system refused a direct transfer or its
   * alignment.
   *
   * @return whether to retry the transfer
   */
  synchronized boolean disableDirect() {
    if (info.direct()) {
      if (Libc.setDirect(fd, false) < 0) {
        return false;
      }
      info =
          degraded(
              info.kind(),
              Devices.NOT_DIRECT
                  + "a direct transfer failed with "
                  + Errno.describe(Errno.EINVAL)
                  + "; transfers use the page cache; to avoid that, put the file on ext4, XFS or"
                  + " btrfs");
    }
    return openedDirect;
  }

  Path path() {
    return path;
  }

  private DeviceInfo degraded(DeviceInfo.Kind kind, String reason) {
    FlightEvents.stepDown(path, kind.name(), reason);
    LOG.log(Level.WARNING, path + ": the cache continues with a slower device; " + reason);
    reasons = reasons.isEmpty() ? reason : reasons + "; " + reason;
    return new DeviceInfo(kind, false, info.alignmentBytes(), reason());
  }

  @Override
  public synchronized long fileBytes() {
    requireOpen();
    long bytes = Libc.fileBytes(fd);
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
  public synchronized boolean punchHole(long offset, long bytes) {
    requireOpen();
    return holes.run(fd, offset, bytes);
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
  public @Nullable String failure() {
    return fallback == null ? ring.failure() : null;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the device is closed");
    }
  }

  private DeviceException failed(String operation, int errno) {
    return SystemError.of(errno).during(operation, path);
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    ring.close(); // if this throws, operations are abandoned and the file stays locked
    ChannelDevice fallbackChannel = fallback;
    try {
      if (fallbackChannel != null) {
        fallbackChannel.close();
      }
    } finally {
      lock.close();
    }
  }
}
