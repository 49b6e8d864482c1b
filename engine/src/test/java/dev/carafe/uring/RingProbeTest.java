package dev.carafe.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.uring.ffi.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Contract F2: each reason for a fallback has its own message with the remedy. */
final class RingProbeTest {
  @ParameterizedTest
  @CsvSource({
    "38, ENOSYS, Linux 5.6",
    "1, EPERM, io_uring",
    "12, ENOMEM, RLIMIT_MEMLOCK",
    "22, EINVAL, Linux 5.6",
    "24, EMFILE, ulimit -n",
    "13, EACCES, allow io_uring_setup",
    "4095, errno 4095, io_uring_setup",
  })
  void whyThereIsNoRing(int errno, String name, String hint) {
    String why = RingProbe.setupRefused(errno);
    assertTrue(why.startsWith("no io_uring: "), why);
    assertTrue(why.contains(name), why);
    assertTrue(why.contains(hint), why);
  }

  @Test
  void aRefusalNamesTheFilterOrTheSysctl() {
    String why = RingProbe.setupRefused(Errno.EPERM);
    assertTrue(why.contains("seccomp") ^ why.contains("kernel.io_uring_disabled"), why);
  }

  @Test
  void aShortageNamesItsLimit() {
    for (String why :
        new String[] {
          RingProbe.enterRefused(Errno.ENOMEM),
          RingProbe.fileRegistrationRefused(Errno.ENOMEM),
          RingProbe.eventfdRefused(Errno.ENOMEM)
        }) {
      assertTrue(why.contains("ENOMEM") && why.contains("ulimit -l"), why);
    }
  }

  @Test
  void whyMemoryIsNotRegistered() {
    String locked = RingProbe.bufferRegistrationRefused(Errno.ENOMEM, 1 << 20, 0);
    assertTrue(locked.contains("1048576 bytes"), locked);
    assertTrue(locked.contains("ulimit -l) to 1025 KiB"), locked);
    assertTrue(locked.contains("CAP_IPC_LOCK"), locked);
    String part = RingProbe.bufferRegistrationRefused(Errno.ENOMEM, 1 << 20, 4096);
    assertTrue(part.startsWith("fixed buffers for 4096 of 1048576 bytes only"), part);
    String fault = RingProbe.bufferRegistrationRefused(14, 4096, 0);
    assertTrue(fault.contains("4096 bytes") && fault.contains("EFAULT"), fault);
    assertFalse(fault.contains("ulimit"), fault);
  }

  @Test
  void linuxIsAsked() {
    assertEquals(System.getProperty("os.name").equals("Linux"), RingProbe.isPossible());
  }
}
