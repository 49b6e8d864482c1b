package dev.carafe.device;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bytes at offsets of one file, asynchronously. All methods may be called by any thread. */
public interface Device extends AutoCloseable {

  /**
   * What kind of device was had, and what was lost on the way.
   *
   * @return another record after a system that refuses was stepped down for; the alignment stays
   */
  DeviceInfo info();

  /**
   * The memory that the device has mapped for itself, such as the queues it shares with the kernel.
   *
   * @return bytes
   */
  default long memoryBytes() {
    return 0;
  }

  /**
   * What is wrong with a thread that the device needs, at the moment.
   *
   * @return what fails, what happens meanwhile and what helps; null if all is well
   */
  default @Nullable String trouble() {
    return null;
  }

  /**
   * What the offset, the length and the address of every transfer must be multiples of.
   *
   * @return bytes; 1 for a buffered file
   */
  default int alignmentBytes() {
    return info().alignmentBytes();
  }

  /**
   * Starts an op and returns without waiting for it; may wait for a free place. A callback may
   * start one op for each that has ended, and waits for none.
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
   * Waits for a submitted op.
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
   * Submits ops in one batch and awaits all of them; each has its result then.
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
   * The length of the file now.
   *
   * @return bytes
   */
  long fileBytes();

  /**
   * Cuts the file, or extends it with a hole.
   *
   * @param bytes its new length
   */
  void setFileBytes(long bytes);

  /**
   * Gives a file that was created with this device its name, durably, unless it has it already.
   * Until then a crash, or {@link #close}, leaves no file (contract F7).
   *
   * @throws dev.carafe.DeviceException if the path names another file by now
   */
  default void publish() {}

  /**
   * Waits for everything in flight, then releases ring, file and lock. Later calls of other methods
   * throw IllegalStateException; a second close does nothing.
   */
  @Override
  void close();
}
