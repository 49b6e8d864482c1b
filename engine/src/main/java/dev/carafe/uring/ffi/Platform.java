package dev.carafe.uring.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;

/** What kind of system this is; asked before {@link Libc}, which elsewhere can't even be loaded. */
public final class Platform {
  private Platform() {}

  /**
   * Whether this system has what {@link Libc} and the ring need.
   *
   * @return true on Linux with 64-bit pointers
   */
  public static boolean isLinux() {
    return System.getProperty("os.name").equals("Linux") && ADDRESS.byteSize() == Long.BYTES;
  }
}
