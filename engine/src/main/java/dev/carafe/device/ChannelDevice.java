package dev.carafe.device;

import dev.carafe.base.EngineThread;
import dev.carafe.base.UninterruptibleWait;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads and writes a file through a {@link FileChannel}, where io_uring is not available. {@link
 * #run} transfers on the calling thread; {@link #submit} uses up to 4 daemon threads, which end
 * when idle for 5 s.
 *
 * <p>A channel closes itself when a thread inside it is interrupted. The device then reopens the
 * channel and repeats the operation; the interrupted thread keeps its interrupt status. The device
 * reopens the locked file, even if its path names another file by then.
 */
final class ChannelDevice implements Device {
  private static final int THREADS = 4;
  private static final int MAX_QUEUED = 256;
  private static final int EXCLUSIVE = 1 << 20;

  private static final UninterruptibleWait.Wait<IoOp> COMPLETION =
      (op, _, _) -> {
        if (op.result() == null) {
          LockSupport.park(op);
        }
        return op.result() != null;
      };

  private final Path path;
  private final FileLock lock;
  private final DeviceInfo info;
  private final HolePunch holes;
  private final TransferPool<IoOp> workers;

  /** Bounds the operations queued for the workers or running on them (contract B3). */
  private final Semaphore permits = new Semaphore(MAX_QUEUED);

  /**
   * A read-write lock: a transfer holds one permit, and who reopens the channel or closes the
   * device holds all. A {@code ReentrantReadWriteLock} counts a reader before it allocates the
   * reader's own count, so on a full heap it would stay locked (F5). Fair, so that transfers wait
   * behind a close.
   */
  private final Semaphore channelLock = new Semaphore(EXCLUSIVE, true);

  private FileChannel channel;
  private volatile boolean closed;

  ChannelDevice(Path path, FileLock lock, String reason) {
    this.path = path;
    this.lock = lock;
    this.info = new DeviceInfo(DeviceInfo.Kind.CHANNEL, false, 1, reason);
    this.holes = new HolePunch(path);
    try {
      this.channel = lock.openChannel();
    } catch (IOException e) {
      throw SystemError.of(e).during("open", path);
    }
    AtomicInteger threads = new AtomicInteger();
    this.workers =
        new TransferPool<>(
            THREADS,
            body -> EngineThread.daemon("carafe-io-" + threads.getAndIncrement(), body),
            this::transferAndComplete);
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  @Override
  public void submit(IoOp op) {
    permits.acquireUninterruptibly();
    boolean started = false;
    try {
      requireOpen();
      op.begin(path);
      workers.execute(op);
      started = true;
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the device is closed", e);
    } finally {
      if (!started) {
        permits.release();
      }
    }
  }

  /** Transfers and completes the op, also if the transfer throws. Throws nothing. */
  private void transferAndComplete(IoOp op) {
    IoResult result;
    try {
      result = transfer(op);
    } catch (Throwable e) {
      result = failed(op, e);
    }
    permits.release();
    op.complete(result);
  }

  private static IoResult failed(IoOp op, Throwable thrown) {
    try {
      return IoResult.Failed.of(0, () -> op.failedWith(thrown));
    } catch (Throwable e) {
      return IoResult.Failed.OUT_OF_HEAP; // the heap has no room to link the lambda
    }
  }

  @Override
  public IoResult await(IoOp op) {
    op.setWaiter(Thread.currentThread());
    var _ = UninterruptibleWait.await(op, 0, UninterruptibleWait.FOREVER, COMPLETION);
    return Objects.requireNonNull(op.result());
  }

  @Override
  public IoResult run(IoOp op) {
    requireOpen();
    op.begin(path);
    IoResult result = transfer(op);
    op.complete(result);
    return result;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the device is closed");
    }
  }

  private IoResult transfer(IoOp op) {
    try {
      return withChannel(open -> transfer(op, open));
    } catch (IOException e) {
      return SystemError.of(e).during(op);
    }
  }

  private static IoResult transfer(IoOp op, FileChannel channel) throws IOException {
    if (op.kind() == IoOp.Kind.SYNC) {
      return sync(channel);
    }
    int expected = (int) op.buffer().byteSize();
    ByteBuffer bytes = op.buffer().asByteBuffer();
    while (bytes.hasRemaining()) {
      long at = op.fileOffset() + bytes.position();
      int count = op.kind() == IoOp.Kind.READ ? channel.read(bytes, at) : channel.write(bytes, at);
      if (count < 0) {
        return new IoResult.Short(bytes.position(), expected);
      }
    }
    return new IoResult.Done(expected);
  }

  /**
   * Fails a sync that was cut off by an interrupt instead of repeating it. The kernel reports a
   * failed write-back once: if the interrupted call received that report, a repeated sync would
   * succeed although pages were lost.
   */
  private static IoResult sync(FileChannel channel) throws IOException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
    try {
      channel.force(false);
      return new IoResult.Done(0);
    } catch (ClosedChannelException e) {
      return new IoResult.Failed(0, "fdatasync was interrupted, so its result is unknown");
    }
  }

  /** An operation on the channel, repeated if an interrupt closes the channel during it. */
  private interface ChannelOperation<T> {
    T run(FileChannel channel) throws IOException;
  }

  private <T> T withChannel(ChannelOperation<T> operation) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      for (; ; ) {
        try {
          return tryOnce(operation);
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
          reopen();
        } catch (ClosedChannelException e) { // by the interrupt of another thread
          reopen();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private <T> T tryOnce(ChannelOperation<T> operation) throws IOException {
    channelLock.acquireUninterruptibly();
    try {
      requireOpen();
      return operation.run(channel);
    } finally {
      channelLock.release();
    }
  }

  private void reopen() throws IOException {
    channelLock.acquireUninterruptibly(EXCLUSIVE);
    try {
      if (!channel.isOpen() && !closed) {
        channel = lock.openChannel();
      }
    } finally {
      channelLock.release(EXCLUSIVE);
    }
  }

  @Override
  public long fileBytes() {
    try {
      return withChannel(FileChannel::size);
    } catch (IOException e) {
      throw SystemError.of(e).during("size", path);
    }
  }

  @Override
  public void setFileBytes(long bytes) {
    try {
      var _ = withChannel(open -> resize(open, bytes));
    } catch (IOException e) {
      throw SystemError.of(e).during("truncate", path);
    }
  }

  private static FileChannel resize(FileChannel channel, long bytes) throws IOException {
    if (bytes <= channel.size()) {
      return channel.truncate(bytes);
    }
    int wrote = channel.write(ByteBuffer.allocate(1), bytes - 1);
    if (wrote != 1) {
      throw new IOException("the file can't be extended: a write of 1 byte transferred " + wrote);
    }
    return channel;
  }

  @Override
  public boolean punchHole(long offset, long bytes) {
    channelLock.acquireUninterruptibly();
    try {
      requireOpen();
      return holes.run(lock.fd(), offset, bytes);
    } finally {
      channelLock.release();
    }
  }

  @Override
  public void publish() {
    requireOpen();
    lock.publish();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    workers.close();
    channelLock.acquireUninterruptibly(EXCLUSIVE);
    try {
      closed = true;
      channel.close();
    } catch (IOException e) {
      throw SystemError.of(e).during("close", path);
    } finally {
      channelLock.release(EXCLUSIVE);
      lock.close();
    }
  }
}
