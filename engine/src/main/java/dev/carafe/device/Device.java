package dev.carafe.device;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asynchronous positional I/O on one file. Thread-safe. */
public interface Device extends AutoCloseable {

  /**
   * The kind of device, and why a better one is not in use.
   *
   * @return changes when the device falls back while open; the alignment does not change
   */
  DeviceInfo info();

  /**
   * The memory that the device has mapped, such as the queues that it shares with the kernel.
   *
   * @return bytes
   */
  default long memoryBytes() {
    return 0;
  }

  /**
   * Describes a current failure of a thread that the device needs.
   *
   * @return what fails, the effect and the remedy; null if no thread has failed
   */
  default @Nullable String failure() {
    return null;
  }

  /**
   * The alignment of transfers: offset, length and address must be multiples of it.
   *
   * @return bytes; 1 for a buffered file
   */
  default int alignmentBytes() {
    return info().alignmentBytes();
  }

  /**
   * Replaces the memory that is registered as fixed buffers, also while transfers are in flight. If
   * the kernel refuses a part of it, transfers of that part use no fixed buffers. After the call,
   * the device has no more use for the memory that was registered before and is not now.
   *
   * @param memory the memory to register, the most used first, at most 1 GiB each; the caller keeps
   *     it mapped until the next call or the end of the device
   */
  default void register(List<MemorySegment> memory) {}

  /**
   * Starts an op and returns without waiting for its result. May wait for a permit, since the ops
   * in flight are bounded. A callback may start one op for each completed one, and does not wait.
   *
   * @param op not submitted before
   */
  void submit(IoOp op);

  /**
   * Starts ops in one batch.
   *
   * @param ops not submitted before
   */
  default void submitAll(List<IoOp> ops) {
    ops.forEach(this::submit);
  }

  /**
   * Waits for a submitted op, without a time limit.
   *
   * @param op submitted to this device
   * @return its result
   */
  IoResult await(IoOp op);

  /**
   * Submits one op and awaits it.
   *
   * @param op not submitted before
   * @return its result
   */
  default IoResult run(IoOp op) {
    submit(op);
    return await(op);
  }

  /**
   * Submits ops in one batch and waits until each has its result.
   *
   * @param ops not submitted before
   */
  default void runAll(List<IoOp> ops) {
    submitAll(ops);
    for (IoOp op : ops) {
      var _ = await(op);
    }
  }

  /**
   * The current length of the file.
   *
   * @return bytes
   */
  long fileBytes();

  /**
   * Truncates the file, or extends it with a hole.
   *
   * @param bytes its new length
   */
  void setFileBytes(long bytes);

  /**
   * Returns blocks to the file system, which frees their space on the disk. They then read as
   * zeros, and a later write allocates them again. The length of the file stays. No other transfer
   * of these bytes may be in flight.
   *
   * @param offset of the first byte, a multiple of the file system's block length
   * @param bytes their number, likewise
   * @return false if the system or the file system refuses it, or it failed; each block is then
   *     unchanged or reads as zeros
   */
  default boolean punchHole(long offset, long bytes) {
    return false;
  }

  /**
   * Links a file that this device created to its path, durably. Does nothing for a file that
   * existed. Before this call, a crash or {@link #close} leaves no file (contract F7).
   *
   * @throws dev.carafe.DeviceException if the file can't be linked
   * @throws dev.carafe.FileInUseException if the path names another file by now
   */
  default void publish() {}

  /**
   * Waits for all ops in flight, up to 30 s with io_uring, then releases ring, file and lock. Later
   * calls of other methods throw IllegalStateException; a second close does nothing.
   */
  @Override
  void close();
}
