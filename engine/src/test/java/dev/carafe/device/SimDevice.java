package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.device.FaultPlan.Fault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A device over a {@link SimDisk}, with the faults of a {@link FaultPlan}. Operations complete at
 * once, or late: then a thread of the device completes them in random order.
 */
public final class SimDevice implements Device {
  private static final int EIO = 5;
  private static final int ENOSPC = 28;
  private static final Path PATH = Path.of("simulated.carafe");

  private final SimDisk disk;
  private final FaultPlan faults;
  private final @Nullable Thread worker;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<IoOp> pending = new ArrayList<>(); // guarded by lock
  private boolean closed; // guarded by lock

  /** Opens a device. */
  public SimDevice(SimDisk disk, FaultPlan faults, boolean late) {
    this.disk = disk;
    this.faults = faults;
    this.worker = late ? Thread.ofPlatform().daemon().start(this::completeAll) : null;
  }

  @Override
  public DeviceInfo info() {
    return new DeviceInfo(DeviceInfo.Kind.CHANNEL, false, 1, "simulated");
  }

  @Override
  public void submit(IoOp op) {
    requireOpen();
    if (worker == null) {
      op.complete(perform(op));
      return;
    }
    lock.lock();
    try {
      pending.add(op);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the device is closed");
      }
    } finally {
      lock.unlock();
    }
  }

  private void completeAll() {
    for (; ; ) {
      IoOp next;
      lock.lock();
      try {
        while (pending.isEmpty() && !closed) {
          changed.awaitUninterruptibly();
        }
        if (pending.isEmpty()) {
          return;
        }
        next = pending.remove(faults.nextInt(pending.size()));
      } finally {
        lock.unlock();
      }
      next.complete(perform(next));
    }
  }

  private IoResult perform(IoOp op) {
    Fault fault = faults.next(op.kind());
    return switch (op.kind()) {
      case WRITE -> write(op, fault);
      case READ -> read(op, fault);
      case SYNC -> {
        if (fault != Fault.NONE) {
          faults.dropUnsynced(disk);
          yield new IoResult.Failed(EIO, "Input/output error (simulated)");
        }
        disk.sync();
        yield new IoResult.Done(0);
      }
    };
  }

  private IoResult write(IoOp op, Fault fault) {
    byte[] bytes = op.buffer().toArray(ValueLayout.JAVA_BYTE);
    int offset = (int) op.fileOffset();
    return switch (fault) {
      case WRITE_EIO -> new IoResult.Failed(EIO, "Input/output error (simulated)");
      case WRITE_ENOSPC -> new IoResult.Failed(ENOSPC, "No space left on device (simulated)");
      case WRITE_SHORT -> {
        int part = faults.nextInt(bytes.length);
        disk.write(offset, Arrays.copyOf(bytes, part));
        yield new IoResult.Short(part, bytes.length);
      }
      default -> {
        disk.write(offset, bytes);
        yield new IoResult.Done(bytes.length);
      }
    };
  }

  private IoResult read(IoOp op, Fault fault) {
    if (fault == Fault.READ_EIO) {
      return new IoResult.Failed(EIO, "Input/output error (simulated)");
    }
    int wanted = (int) op.buffer().byteSize();
    byte[] bytes = disk.read((int) op.fileOffset(), wanted);
    if (fault == Fault.READ_SHORT && bytes.length > 0) {
      bytes = Arrays.copyOf(bytes, faults.nextInt(bytes.length));
    }
    if (fault == Fault.READ_ROT && bytes.length > 0) {
      bytes[faults.nextInt(bytes.length)] ^= (byte) (1 << faults.nextInt(8));
    }
    MemorySegment.copy(bytes, 0, op.buffer(), ValueLayout.JAVA_BYTE, 0, bytes.length);
    return bytes.length == wanted
        ? new IoResult.Done(wanted)
        : new IoResult.Short(bytes.length, wanted);
  }

  @Override
  public IoResult await(IoOp op) {
    op.setWaiter(Thread.currentThread());
    for (; ; ) {
      IoResult result = op.result();
      if (result != null) {
        return result;
      }
      LockSupport.park(op);
    }
  }

  @Override
  public long fileBytes() {
    requireOpen();
    return disk.length();
  }

  @Override
  public void setFileBytes(long bytes) {
    requireOpen();
    if (bytes > disk.length() && !faults.canExtend()) {
      throw new DeviceException(
          "ftruncate", PATH, ENOSPC, "No space left on device (simulated)", null);
    }
    disk.resize((int) bytes);
  }

  @Override
  public boolean punchHole(long offset, long bytes) {
    requireOpen();
    int punched = faults.punchedBytes((int) bytes);
    if (punched > 0) {
      disk.punch((int) offset, punched);
    }
    return punched == bytes;
  }

  @Override
  public void publish() {
    requireOpen();
    disk.publish();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (worker != null) {
      boolean interrupted = false;
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
