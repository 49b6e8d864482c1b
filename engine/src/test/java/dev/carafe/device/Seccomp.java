package dev.carafe.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A filter of system calls (seccomp) for all threads of this process. It can't be removed, so a
 * test uses it in a separate process.
 */
public final class Seccomp {
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final long SET_MODE_FILTER = 1;
  private static final long ALL_THREADS = 1;
  private static final short LOAD_WORD = 0x20;
  private static final short JUMP_IF_EQUAL = 0x15;
  private static final short RETURN = 0x06;
  private static final int ERRNO = 0x0005_0000;
  private static final int ALLOW = 0x7FFF_0000;
  private static final int INSTRUCTION_BYTES = 8;

  private Seccomp() {}

  /**
   * Lets all further calls of a system call fail.
   *
   * @param number of the system call
   * @param errno the errno of the failed calls
   */
  public static void refuse(int number, int errno) {
    Linker linker = Linker.nativeLinker();
    MethodHandle prctl =
        linker.downcallHandle(
            linker.defaultLookup().find("prctl").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    MethodHandle syscall =
        linker.downcallHandle(
            linker.defaultLookup().find("syscall").orElseThrow(),
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS),
            Linker.Option.firstVariadicArg(1));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment program = arena.allocate(4 * INSTRUCTION_BYTES, Integer.BYTES);
      put(program, 0, LOAD_WORD, 0, 0); // the number of the call
      put(program, 1, JUMP_IF_EQUAL, 1, number); // else over the next
      put(program, 2, RETURN, 0, ERRNO | errno);
      put(program, 3, RETURN, 0, ALLOW);
      MemorySegment described = arena.allocate(2 * Long.BYTES, Long.BYTES);
      described.set(JAVA_SHORT, 0, (short) 4);
      described.set(ADDRESS, Long.BYTES, program);
      int privileges = (int) prctl.invokeExact(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
      long seccomp = System.getProperty("os.arch").equals("aarch64") ? 277 : 317;
      long set = (long) syscall.invokeExact(seccomp, SET_MODE_FILTER, ALL_THREADS, described);
      if (privileges != 0 || set != 0) {
        throw new IllegalStateException("no filter: " + privileges + ", " + set);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void put(MemorySegment program, int at, short code, int ifNot, int operand) {
    long offset = (long) at * INSTRUCTION_BYTES;
    program.set(JAVA_SHORT, offset, code);
    program.set(java.lang.foreign.ValueLayout.JAVA_BYTE, offset + 3, (byte) ifNot);
    program.set(JAVA_INT, offset + 4, operand);
  }
}
