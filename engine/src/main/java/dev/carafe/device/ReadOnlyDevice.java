package dev.carafe.device;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A file open for inspection. Writes are discarded, and reads beyond the end return zeros, so
 * recovery runs as on a writable file without changing it.
 */
final class ReadOnlyDevice implements Device {
  private static final DeviceInfo INFO =
      new DeviceInfo(DeviceInfo.Kind.CHANNEL, false, 1, "the file is open for inspection only");

  private final Path path;
  private final FileLock lock;
  private final FileChannel channel;

  ReadOnlyDevice(Path path, FileLock lock) {
    this.path = path;
    this.lock = lock;
    try {
      this.channel = lock.openChannel();
    } catch (IOException e) {
      throw SystemError.of(e).during("open", path);
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
      lock.close();
    }
  }
}
