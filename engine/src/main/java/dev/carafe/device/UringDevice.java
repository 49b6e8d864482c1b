package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.uring.Ring;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file through io_uring. */
final class UringDevice implements Device {
  private final Path path;
  private final int fd;
  private final Ring ring;
  private final FileLock lock;
  private final DeviceInfo info;

  /** Guarded by this; from then on the descriptor's number may be somebody else's. */
  private boolean closed;

  UringDevice(Path path, Ring ring, FileLock lock, DeviceInfo info) {
    this.path = path;
    this.fd = lock.fd();
    this.ring = ring;
    this.lock = lock;
    this.info = info;
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  @Override
  public void submit(IoOp op) {
    ring.submit(op.on(info.alignmentBytes()));
  }

  @Override
  public void submitAll(List<IoOp> ops) {
    ops.forEach(op -> op.on(info.alignmentBytes()));
    ring.submit(ops);
  }

  @Override
  public IoResult await(IoOp op) {
    if (op.isStarted()) {
      ring.await(op);
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
    ring.run(op.on(info.alignmentBytes()));
    return resultOf(op);
  }

  @Override
  public void runAll(List<IoOp> ops) {
    ops.forEach(op -> op.on(info.alignmentBytes()));
    ring.runAll(ops);
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
    return ring.trouble();
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
    lock.close();
  }
}
