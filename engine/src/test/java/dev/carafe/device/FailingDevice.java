package dev.carafe.device;

import dev.carafe.DeviceException;
import java.nio.file.Path;

/** A simulated device on which one write, sync, resize or publication fails. */
public final class FailingDevice implements Device {
  private static final int EIO = 5;

  private final SimDisk disk;
  private final Device inner;
  private final int failing;
  private final int landing;
  private int changes;
  private boolean failedInWrite;

  /**
   * Opens a device.
   *
   * @param disk the simulated disk
   * @param failing which change fails, from 0
   * @param landing how many bytes of a failing write reach the disk
   */
  public FailingDevice(SimDisk disk, int failing, int landing) {
    this.disk = disk;
    this.inner = new SimDevice(disk, new FaultPlan(failing), false);
    this.failing = failing;
    this.landing = landing;
  }

  /** Whether a write has failed. */
  public boolean failedInWrite() {
    return failedInWrite;
  }

  private boolean failsNow() {
    return changes++ == failing;
  }

  private void failIfDue(String operation) {
    if (failsNow()) {
      throw new DeviceException(operation, Path.of("simulated"), EIO, "(simulated)", null);
    }
  }

  @Override
  public DeviceInfo info() {
    return inner.info();
  }

  @Override
  public void submit(IoOp op) {
    if (op.kind() == IoOp.Kind.READ || !failsNow()) {
      inner.submit(op);
      return;
    }
    if (op.kind() == IoOp.Kind.SYNC) {
      new FaultPlan(failing).dropUnsynced(disk);
    } else {
      failedInWrite = true;
      var _ = inner.run(IoOp.write(op.buffer().asSlice(0, landing), op.fileOffset()));
    }
    op.complete(new IoResult.Failed(EIO, "(simulated)"));
  }

  @Override
  public IoResult await(IoOp op) {
    return inner.await(op);
  }

  @Override
  public long fileBytes() {
    return inner.fileBytes();
  }

  @Override
  public boolean punchHole(long offset, long bytes) {
    return inner.punchHole(offset, bytes);
  }

  @Override
  public void setFileBytes(long bytes) {
    failIfDue("ftruncate");
    inner.setFileBytes(bytes);
  }

  @Override
  public void publish() {
    failIfDue("create");
    inner.publish();
  }

  @Override
  public void close() {
    inner.close();
  }
}
