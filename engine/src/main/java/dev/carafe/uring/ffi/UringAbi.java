package dev.carafe.uring.ffi;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The io_uring ABI ({@code include/uapi/linux/io_uring.h}): structs, constants and the three system
 * calls. Class initialization checks the sizes of the structs.
 */
public final class UringAbi {
  /** {@code struct io_uring_sqe}. */
  public static final StructLayout SQE =
      MemoryLayout.structLayout(
          JAVA_BYTE.withName("opcode"),
          JAVA_BYTE.withName("flags"),
          JAVA_SHORT.withName("ioprio"),
          JAVA_INT.withName("fd"),
          JAVA_LONG.withName("off"),
          JAVA_LONG.withName("addr"),
          JAVA_INT.withName("len"),
          JAVA_INT.withName("op_flags"),
          JAVA_LONG.withName("user_data"),
          JAVA_SHORT.withName("buf_index"),
          JAVA_SHORT.withName("personality"),
          JAVA_INT.withName("splice_fd_in"),
          JAVA_LONG.withName("addr3"),
          JAVA_LONG.withName("pad"));

  /** {@code struct io_uring_cqe}. */
  public static final StructLayout CQE =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("user_data"), JAVA_INT.withName("res"), JAVA_INT.withName("flags"));

  private static final StructLayout SQ_OFFSETS =
      MemoryLayout.structLayout(
          JAVA_INT.withName("head"),
          JAVA_INT.withName("tail"),
          JAVA_INT.withName("ring_mask"),
          JAVA_INT.withName("ring_entries"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("dropped"),
          JAVA_INT.withName("array"),
          JAVA_INT.withName("resv1"),
          JAVA_LONG.withName("user_addr"));

  private static final StructLayout CQ_OFFSETS =
      MemoryLayout.structLayout(
          JAVA_INT.withName("head"),
          JAVA_INT.withName("tail"),
          JAVA_INT.withName("ring_mask"),
          JAVA_INT.withName("ring_entries"),
          JAVA_INT.withName("overflow"),
          JAVA_INT.withName("cqes"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("resv1"),
          JAVA_LONG.withName("user_addr"));

  /** {@code struct io_uring_params}. */
  public static final StructLayout PARAMS =
      MemoryLayout.structLayout(
          JAVA_INT.withName("sq_entries"),
          JAVA_INT.withName("cq_entries"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("sq_thread_cpu"),
          JAVA_INT.withName("sq_thread_idle"),
          JAVA_INT.withName("features"),
          JAVA_INT.withName("wq_fd"),
          MemoryLayout.sequenceLayout(3, JAVA_INT).withName("resv"),
          SQ_OFFSETS.withName("sq_off"),
          CQ_OFFSETS.withName("cq_off"));

  /** {@code struct io_uring_clone_buffers}. */
  public static final StructLayout CLONE =
      MemoryLayout.structLayout(
          JAVA_INT.withName("src_fd"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("src_off"),
          JAVA_INT.withName("dst_off"),
          JAVA_INT.withName("nr"),
          MemoryLayout.sequenceLayout(3, JAVA_INT).withName("pad"));

  /** No operation. */
  public static final int OP_NOP = 0;

  /** Sync. */
  public static final int OP_FSYNC = 3;

  /** Read into a registered buffer. */
  public static final int OP_READ_FIXED = 4;

  /** Write from a registered buffer. */
  public static final int OP_WRITE_FIXED = 5;

  /** Read. */
  public static final int OP_READ = 22;

  /** Write. */
  public static final int OP_WRITE = 23;

  /** Sync the data, and only the metadata needed to read it (fdatasync). */
  public static final int FSYNC_DATASYNC = 1;

  /** {@code fd} is an index into the registered files. */
  public static final int SQE_FIXED_FILE = 1;

  /** Reduce the number of entries to the kernel's limit instead of failing. */
  public static final int SETUP_CLAMP = 1 << 4;

  /** Start disabled; {@link #REGISTER_ENABLE_RINGS} enables the ring. */
  public static final int SETUP_R_DISABLED = 1 << 6;

  /** Don't interrupt the submitting thread to run completion work. */
  public static final int SETUP_COOP_TASKRUN = 1 << 8;

  /** Only one thread submits: the thread that enabled the ring. */
  public static final int SETUP_SINGLE_ISSUER = 1 << 12;

  /** Completion work runs only in the thread that waits for completions. */
  public static final int SETUP_DEFER_TASKRUN = 1 << 13;

  /** Both rings in one mapping. */
  public static final int FEAT_SINGLE_MMAP = 1;

  /** Completions are never dropped. */
  public static final int FEAT_NODROP = 1 << 1;

  /** Wait for completions. */
  public static final int ENTER_GETEVENTS = 1;

  /** Register buffers. */
  public static final int REGISTER_BUFFERS = 0;

  /** Unregister fixed buffers. */
  public static final int UNREGISTER_BUFFERS = 1;

  /** Register files. */
  public static final int REGISTER_FILES = 2;

  /** Enable a ring created with {@link #SETUP_R_DISABLED}, for submissions of this thread. */
  public static final int REGISTER_ENABLE_RINGS = 12;

  /** Share the registered buffers of another ring. */
  public static final int REGISTER_CLONE_BUFFERS = 30;

  static final long OFF_SQ_RING = 0;
  static final long OFF_CQ_RING = 0x8000000L;
  static final long OFF_SQES = 0x10000000L;

  private static final int NR_SETUP = 425;
  private static final int NR_ENTER = 426;
  private static final int NR_REGISTER = 427;

  static {
    checkBytes(SQE, 64);
    checkBytes(CQE, 16);
    checkBytes(PARAMS, 120);
    checkBytes(CLONE, 32);
  }

  private UringAbi() {}

  private static void checkBytes(StructLayout layout, long expected) {
    if (layout.byteSize() != expected) {
      throw new IllegalStateException(
          layout + " has " + layout.byteSize() + " bytes, the kernel's struct " + expected);
    }
  }

  /**
   * The offset of a field.
   *
   * @param layout a struct of this class
   * @param path field names, from the outermost struct inwards
   * @return bytes from the start of the struct
   */
  public static long offset(StructLayout layout, String... path) {
    MemoryLayout.PathElement[] elements = new MemoryLayout.PathElement[path.length];
    for (int i = 0; i < path.length; i++) {
      elements[i] = groupElement(path[i]);
    }
    return layout.byteOffset(elements);
  }

  /**
   * {@code io_uring_setup}.
   *
   * @param entries the number of submission queue entries
   * @param params read and filled in by the kernel
   * @return a descriptor, or the negated errno
   */
  public static int setup(int entries, MemorySegment params) {
    return (int) Libc.syscall(NR_SETUP, entries, params.address(), 0, 0, 0);
  }

  /**
   * {@code io_uring_enter}, without allocating.
   *
   * @param fd the ring
   * @param toSubmit the maximum number of submissions
   * @param minComplete the number of completions to wait for
   * @param flags the ENTER_ constants
   * @return the number of submissions taken, or the negated errno
   */
  public static int enter(int fd, int toSubmit, int minComplete, int flags) {
    return enter(Libc.callState(), fd, toSubmit, minComplete, flags);
  }

  /**
   * {@code io_uring_enter} with the caller's own state for errno, which saves the look-up of the
   * thread's.
   *
   * @param state from {@link #newCallState}, used by one thread at a time
   * @param fd the ring
   * @param toSubmit the maximum number of submissions
   * @param minComplete the number of completions to wait for
   * @param flags the ENTER_ constants
   * @return the number of submissions taken, or the negated errno
   */
  public static int enter(MemorySegment state, int fd, int toSubmit, int minComplete, int flags) {
    return (int) Libc.syscall(state, NR_ENTER, fd, toSubmit, minComplete, flags, 0);
  }

  /**
   * Registers memory.
   *
   * @param fd the ring
   * @param buffers at most 1 GiB each
   * @return 0, or the negated errno
   */
  public static int registerBuffers(int fd, java.util.List<MemorySegment> buffers) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment vectors = arena.allocate(16L * buffers.size(), 8);
      for (int i = 0; i < buffers.size(); i++) {
        vectors.set(JAVA_LONG, 16L * i, buffers.get(i).address());
        vectors.set(JAVA_LONG, 16L * i + 8, buffers.get(i).byteSize());
      }
      return register(fd, REGISTER_BUFFERS, vectors, buffers.size());
    }
  }

  /**
   * Ends the registration of memory. Operations in flight keep their buffers until they complete.
   *
   * @param fd the ring
   * @return 0, or the negated errno
   */
  public static int unregisterBuffers(int fd) {
    return register(fd, UNREGISTER_BUFFERS, MemorySegment.NULL, 0);
  }

  /**
   * Registers one file, as index 0.
   *
   * @param fd the ring
   * @param file the file's descriptor
   * @return 0, or the negated errno
   */
  public static int registerFile(int fd, int file) {
    try (Arena arena = Arena.ofConfined()) {
      return register(fd, REGISTER_FILES, arena.allocateFrom(JAVA_INT, file), 1);
    }
  }

  /**
   * Registers the buffers that another ring has registered.
   *
   * @param fd the ring
   * @param from the other ring
   * @return 0, or the negated errno
   */
  public static int cloneBuffers(int fd, int from) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment clone = arena.allocate(CLONE);
      clone.set(JAVA_INT, offset(CLONE, "src_fd"), from);
      return register(fd, REGISTER_CLONE_BUFFERS, clone, 1);
    }
  }

  private static int register(int fd, int what, MemorySegment arg, int count) {
    return (int) Libc.syscall(NR_REGISTER, fd, what, arg.address(), count, 0);
  }

  /**
   * A new zeroed {@code io_uring_params}.
   *
   * @return freed by garbage collection
   */
  public static MemorySegment newParams() {
    return Arena.ofAuto().allocate(PARAMS);
  }

  /**
   * A new buffer for errno.
   *
   * @return freed by garbage collection
   */
  public static MemorySegment newCallState() {
    return Libc.newCallState();
  }

  /** The queues that the kernel shares with this process. */
  public record Mapping(MemorySegment sq, MemorySegment cq, MemorySegment sqes) {
    /** Unmaps all three. */
    public void unmap() {
      var first = Libc.munmap(sqes.address(), sqes.byteSize());
      var second = Libc.munmap(sq.address(), sq.byteSize());
      var third = sq.address() == cq.address() ? 0 : Libc.munmap(cq.address(), cq.byteSize());
      if ((first | second | third) != 0) {
        throw new IllegalStateException("munmap of the ring's queues failed");
      }
    }
  }

  /**
   * Maps a ring's queues.
   *
   * @param fd the ring
   * @param params as filled by {@link #setup}
   * @return the mapping; valid until it is unmapped
   * @throws OutOfMemoryError if the system refuses
   */
  public static Mapping map(int fd, MemorySegment params) {
    int sqEntries = params.get(JAVA_INT, offset(PARAMS, "sq_entries"));
    int cqEntries = params.get(JAVA_INT, offset(PARAMS, "cq_entries"));
    int features = params.get(JAVA_INT, offset(PARAMS, "features"));
    long sqBytes = params.get(JAVA_INT, offset(PARAMS, "sq_off", "array")) + 4L * sqEntries;
    long cqBytes =
        params.get(JAVA_INT, offset(PARAMS, "cq_off", "cqes")) + CQE.byteSize() * cqEntries;
    boolean single = (features & FEAT_SINGLE_MMAP) != 0;
    MemorySegment sq = map(fd, single ? Math.max(sqBytes, cqBytes) : sqBytes, OFF_SQ_RING);
    MemorySegment cq = sq;
    boolean complete = false;
    try {
      cq = single ? sq : map(fd, cqBytes, OFF_CQ_RING);
      Mapping mapping = new Mapping(sq, cq, map(fd, SQE.byteSize() * sqEntries, OFF_SQES));
      complete = true;
      return mapping;
    } finally {
      if (!complete) {
        var _ = Libc.munmap(sq.address(), sq.byteSize());
        var _ = cq.address() == sq.address() ? 0 : Libc.munmap(cq.address(), cq.byteSize());
      }
    }
  }

  private static MemorySegment map(int fd, long bytes, long offset) {
    int readWrite = 3;
    int sharedPopulate = 0x8001;
    long address = Libc.mmap(bytes, readWrite, sharedPopulate, fd, offset);
    if (address < 0 && address > -4096) {
      throw new OutOfMemoryError(
          "mmap of the ring's queues failed with " + Errno.explain((int) -address));
    }
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /** Access to ints of shared memory, in the modes that the ring's protocol needs. */
  public static final java.lang.invoke.VarHandle INT = ValueLayout.JAVA_INT.varHandle();
}
