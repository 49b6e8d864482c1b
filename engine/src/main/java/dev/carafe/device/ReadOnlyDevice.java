package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.FileInUseException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file open for inspection. Writes are discarded, and reads beyond the end return zeros, so
 * recovery runs as on a writable file without changing it.
 *
 * <p>A shared file is not locked: a cache may have it open, or open it meanwhile.
 */
public final class ReadOnlyDevice implements Device {
  private static final DeviceInfo INFO =
      new DeviceInfo(DeviceInfo.Kind.CHANNEL, false, 1, "the file is open for inspection only");

  private final Path path;
  private final @Nullable FileLock lock;
  private final FileChannel channel;

  private ReadOnlyDevice(Path path, @Nullable FileLock lock, FileChannel channel) {
    this.path = path;
    this.lock = lock;
    this.channel = channel;
  }

  /** Opens a file that the lock excludes caches from. The device releases the lock. */
  static ReadOnlyDevice locked(Path path, FileLock lock) {
    try {
      return new ReadOnlyDevice(path, lock, lock.openChannel());
    } catch (IOException e) {
      throw SystemError.of(e).during("open", path);
    }
  }

  /** Opens a file without a lock. */
  static ReadOnlyDevice shared(Path path) {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new DeviceException(
          "open", path, 0, "is not a regular file; use the path of a regular file", null);
    }
    try {
      return new ReadOnlyDevice(path, null, FileChannel.open(path, StandardOpenOption.READ));
    } catch (IOException e) {
      throw SystemError.of(e).during("open", path);
    }
  }

  /**
   * Whether a cache has the file open. Waits up to 1 s if one does, since a killed process may
   * still hold its lock.
   *
   * @return false also if this device holds the lock
   */
  public boolean isInUse() {
    return lock == null && isInUse(path);
  }

  /** Takes and releases the lock. A cache that opens the file meanwhile waits for that. */
  static boolean isInUse(Path path) {
    try {
      FileLock.acquireReadOnly(path).close();
      return false;
    } catch (FileInUseException e) {
      return true;
    }
  }

  @Override
  public DeviceInfo info() {
    return INFO;
  }

  @Override
  public void submit(IoOp op) {
    op.complete(op.kind() == IoOp.Kind.READ ? read(op) : discardWrite(op));
  }

  private static IoResult discardWrite(IoOp op) {
    return new IoResult.Done((int) op.buffer().byteSize());
  }

  private IoResult read(IoOp op) {
    MemorySegment target = op.buffer();
    try {
      ByteBuffer bytes = target.asByteBuffer();
      int count = 0;
      while (bytes.hasRemaining() && count >= 0) {
        count = channel.read(bytes, op.fileOffset() + bytes.position());
      }
      target.asSlice(bytes.position()).fill((byte) 0);
      return new IoResult.Done((int) target.byteSize());
    } catch (IOException e) {
      return SystemError.of(e).during(op);
    }
  }

  @Override
  public IoResult await(IoOp op) {
    IoResult result = op.result();
    if (result == null) {
      throw new IllegalStateException("the op was not submitted to this device");
    }
    return result;
  }

  @Override
  public long fileBytes() {
    try {
      return channel.size();
    } catch (IOException e) {
      throw SystemError.of(e).during("size", path);
    }
  }

  @Override
  public void setFileBytes(long bytes) {}

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw SystemError.of(e).during("close", path);
    } finally {
      if (lock != null) {
        lock.close();
      }
    }
  }
}
