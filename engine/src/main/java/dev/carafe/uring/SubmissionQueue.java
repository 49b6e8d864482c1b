package dev.carafe.uring;

import static dev.carafe.uring.ffi.UringAbi.PARAMS;
import static dev.carafe.uring.ffi.UringAbi.SQE;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;

/** The submission queue: entries for the kernel. Only the thread that owns the ring uses it. */
public final class SubmissionQueue {
  private static final long OPCODE = UringAbi.offset(SQE, "opcode");
  private static final long FLAGS = UringAbi.offset(SQE, "flags");
  private static final long FD = UringAbi.offset(SQE, "fd");
  private static final long OFF = UringAbi.offset(SQE, "off");
  private static final long ADDR = UringAbi.offset(SQE, "addr");
  private static final long LEN = UringAbi.offset(SQE, "len");
  private static final long OP_FLAGS = UringAbi.offset(SQE, "op_flags");
  private static final long USER_DATA = UringAbi.offset(SQE, "user_data");
  private static final long BUF_INDEX = UringAbi.offset(SQE, "buf_index");

  private final MemorySegment ring;
  private final MemorySegment sqes;
  private final int entries;
  private final long headOffset;
  private final long tailOffset;
  private int tail;
  private FixedBuffers fixed = FixedBuffers.NO_BUFFERS;

  SubmissionQueue(UringAbi.Mapping mapping, MemorySegment params) {
    this.ring = mapping.sq();
    this.sqes = mapping.sqes();
    this.entries = params.get(JAVA_INT, UringAbi.offset(PARAMS, "sq_entries"));
    this.headOffset = params.get(JAVA_INT, UringAbi.offset(PARAMS, "sq_off", "head"));
    this.tailOffset = params.get(JAVA_INT, UringAbi.offset(PARAMS, "sq_off", "tail"));
    long array = params.get(JAVA_INT, UringAbi.offset(PARAMS, "sq_off", "array"));
    for (int i = 0; i < entries; i++) {
      ring.set(JAVA_INT, array + 4L * i, i);
    }
    this.tail = (int) UringAbi.INT.getAcquire(ring, tailOffset);
  }

  void fixed(FixedBuffers registered) {
    this.fixed = registered;
  }

  /**
   * The buffers that are registered with this queue's ring.
   *
   * @return empty if none are
   */
  public FixedBuffers fixed() {
    return fixed;
  }

  int entries() {
    return entries;
  }

  /** {@return the number of entries that the kernel has not taken} */
  int unsubmitted() {
    int count = tail - (int) UringAbi.INT.getAcquire(ring, headOffset);
    if (count < 0 || count > entries) {
      throw new IllegalStateException(
          "the submission queue is corrupt: it has " + count + " of " + entries + " entries");
    }
    return count;
  }

  /**
   * Adds an entry for a transfer between memory and file.
   *
   * @param opcode the operation
   * @param bufferIndex of the fixed buffer, for READ_FIXED and WRITE_FIXED
   * @param memory source or target
   * @param fileOffset bytes from the file's start
   * @param userData returned with the completion
   */
  public void transfer(
      int opcode, int bufferIndex, MemorySegment memory, long fileOffset, long userData) {
    long sqe = clear(opcode, userData);
    sqes.set(JAVA_LONG, sqe + OFF, fileOffset);
    sqes.set(JAVA_LONG, sqe + ADDR, memory.address());
    sqes.set(JAVA_INT, sqe + LEN, (int) memory.byteSize());
    sqes.set(JAVA_SHORT, sqe + BUF_INDEX, (short) bufferIndex);
    tail++;
  }

  /**
   * Adds an entry for an operation without memory.
   *
   * @param opcode the operation
   * @param opFlags its flags
   * @param userData returned with the completion
   */
  public void command(int opcode, int opFlags, long userData) {
    long sqe = clear(opcode, userData);
    sqes.set(JAVA_INT, sqe + OP_FLAGS, opFlags);
    tail++;
  }

  /** Adds an entry for a read of another descriptor at its current position. */
  void readDescriptor(int fd, MemorySegment memory, long userData) {
    long sqe = clear(UringAbi.OP_READ, userData);
    sqes.set(JAVA_BYTE, sqe + FLAGS, (byte) 0);
    sqes.set(JAVA_INT, sqe + FD, fd);
    sqes.set(JAVA_LONG, sqe + OFF, -1L);
    sqes.set(JAVA_LONG, sqe + ADDR, memory.address());
    sqes.set(JAVA_INT, sqe + LEN, (int) memory.byteSize());
    tail++;
  }

  /** Clears the next entry and sets its opcode and user data, for the registered file 0. */
  private long clear(int opcode, long userData) {
    long sqe = (tail & (entries - 1)) * SQE.byteSize();
    for (long at = 0; at < SQE.byteSize(); at += Long.BYTES) {
      sqes.set(JAVA_LONG, sqe + at, 0L);
    }
    sqes.set(JAVA_BYTE, sqe + OPCODE, (byte) opcode);
    if (opcode != UringAbi.OP_NOP) {
      sqes.set(JAVA_BYTE, sqe + FLAGS, (byte) UringAbi.SQE_FIXED_FILE);
    }
    sqes.set(JAVA_INT, sqe + FD, 0);
    sqes.set(JAVA_LONG, sqe + USER_DATA, userData);
    return sqe;
  }

  /** {@return the tail, a running count of entries} */
  int position() {
    return tail;
  }

  /** Drops the entries since a position. They must not be published. */
  void rewind(int position) {
    tail = position;
  }

  /**
   * Withdraws the newest entry that the kernel has not taken. There must be one. The kernel reads
   * the queue only during io_uring_enter, so this does not race with it.
   *
   * @return the entry's user data
   */
  long withdrawNewest() {
    tail--;
    publish();
    return sqes.get(JAVA_LONG, (tail & (entries - 1)) * SQE.byteSize() + USER_DATA);
  }

  /** Publishes the new entries to the kernel. */
  void publish() {
    UringAbi.INT.setRelease(ring, tailOffset, tail);
  }
}
