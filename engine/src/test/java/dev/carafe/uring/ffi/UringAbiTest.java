package dev.carafe.uring.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Structs and numbers are the kernel's ({@code include/uapi/linux/io_uring.h}, whose numbers stand
 * here as literals): with a wrong one the kernel would read or write other memory.
 */
final class UringAbiTest {
  @TempDir Path directory;

  @Test
  void theStructsHaveTheKernelsSizes() {
    assertEquals(64, UringAbi.SQE.byteSize());
    assertEquals(16, UringAbi.CQE.byteSize());
    assertEquals(120, UringAbi.PARAMS.byteSize());
    assertEquals(32, UringAbi.CLONE.byteSize());
  }

  @ParameterizedTest
  @CsvSource({
    "opcode, 0",
    "flags, 1",
    "ioprio, 2",
    "fd, 4",
    "off, 8",
    "addr, 16",
    "len, 24",
    "op_flags, 28",
    "user_data, 32",
    "buf_index, 40",
    "personality, 42",
    "splice_fd_in, 44",
    "addr3, 48",
  })
  void submissionFields(String field, long offset) {
    assertEquals(offset, UringAbi.offset(UringAbi.SQE, field));
  }

  @ParameterizedTest
  @CsvSource({"user_data, 0", "res, 8", "flags, 12"})
  void completionFields(String field, long offset) {
    assertEquals(offset, UringAbi.offset(UringAbi.CQE, field));
  }

  @ParameterizedTest
  @CsvSource({
    "sq_entries, 0", "cq_entries, 4", "flags, 8", "sq_thread_cpu, 12", "sq_thread_idle, 16",
    "features, 20", "wq_fd, 24", "resv, 28", "sq_off, 40", "cq_off, 80",
  })
  void parameterFields(String field, long offset) {
    assertEquals(offset, UringAbi.offset(UringAbi.PARAMS, field));
  }

  @ParameterizedTest
  @CsvSource({
    "sq_off, head, 40", "sq_off, tail, 44", "sq_off, ring_mask, 48", "sq_off, ring_entries, 52",
    "sq_off, flags, 56", "sq_off, dropped, 60", "sq_off, array, 64", "sq_off, user_addr, 72",
    "cq_off, head, 80", "cq_off, tail, 84", "cq_off, ring_mask, 88", "cq_off, ring_entries, 92",
    "cq_off, overflow, 96", "cq_off, cqes, 100", "cq_off, flags, 104", "cq_off, user_addr, 112",
  })
  void queueOffsetFields(String queue, String field, long offset) {
    assertEquals(offset, UringAbi.offset(UringAbi.PARAMS, queue, field));
  }

  @Test
  void operationsAndFlags() {
    assertEquals(0, UringAbi.OP_NOP);
    assertEquals(3, UringAbi.OP_FSYNC);
    assertEquals(4, UringAbi.OP_READ_FIXED);
    assertEquals(5, UringAbi.OP_WRITE_FIXED);
    assertEquals(22, UringAbi.OP_READ);
    assertEquals(23, UringAbi.OP_WRITE);
    assertEquals(1, UringAbi.FSYNC_DATASYNC);
    assertEquals(1, UringAbi.SQE_FIXED_FILE);
    assertEquals(0x10, UringAbi.SETUP_CLAMP);
    assertEquals(0x40, UringAbi.SETUP_R_DISABLED);
    assertEquals(0x100, UringAbi.SETUP_COOP_TASKRUN);
    assertEquals(0x1000, UringAbi.SETUP_SINGLE_ISSUER);
    assertEquals(0x2000, UringAbi.SETUP_DEFER_TASKRUN);
    assertEquals(1, UringAbi.FEAT_SINGLE_MMAP);
    assertEquals(2, UringAbi.FEAT_NODROP);
    assertEquals(1, UringAbi.ENTER_GETEVENTS);
    assertEquals(0, UringAbi.REGISTER_BUFFERS);
    assertEquals(2, UringAbi.REGISTER_FILES);
    assertEquals(12, UringAbi.REGISTER_ENABLE_RINGS);
    assertEquals(30, UringAbi.REGISTER_CLONE_BUFFERS);
    assertEquals(0L, UringAbi.OFF_SQ_RING);
    assertEquals(0x8000000L, UringAbi.OFF_CQ_RING);
    assertEquals(0x10000000L, UringAbi.OFF_SQES);
  }

  @Test
  void aFieldThatIsNotThereIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> UringAbi.offset(UringAbi.SQE, "no_such_field"));
  }

  @Test
  void theDirectAlignmentIsAPowerOfTwoOrUnknown() {
    Assumptions.assumeTrue(Platform.isSupported(), "this is not Linux");
    String file = directory.resolve("file").toString();
    int fd = Libc.open(file, Libc.O_RDWR | Libc.O_CREAT);
    int alignmentBytes = FileStat.directAlignmentBytes(fd);
    assertEquals(FileStat.identityOf(file), FileStat.identityOf(fd));
    assertEquals(0, Libc.close(fd));
    assertEquals(0, FileStat.directAlignmentBytes(fd), "of no file");
    assertTrue(
        alignmentBytes == 0 || (Integer.bitCount(alignmentBytes) == 1 && alignmentBytes <= 1 << 16),
        () -> "alignment " + alignmentBytes);
  }

  @Test
  void aCallOnNoRingIsRefused() {
    Assumptions.assumeTrue(Platform.isSupported(), "this is not Linux");
    int ebadf = 9;
    int entered = UringAbi.enter(-1, 0, 0, 0);
    assertTrue(
        entered == -ebadf || entered == -Errno.ENOSYS || entered == -Errno.EPERM,
        () -> Errno.describe(-entered));
  }
}
