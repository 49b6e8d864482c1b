package dev.carafe.uring.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.carafe.region.ScopedView;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Whether {@link Libc} can be called. Callers check this first, since {@link Libc} can't be loaded
 * on other platforms.
 */
public final class Platform {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private static final String DENIED =
      "native access is denied; start Java with --enable-native-access=ALL-UNNAMED, or the name of"
          + " Carafe's module";

  private Platform() {}

  /** Determined once, on first use. */
  private static final class NativeAccess {
    static final @Nullable String REFUSAL = find();

    private NativeAccess() {}

    private static @Nullable String find() {
      if (ScopedView.isCopy()) {
        LOG.log(
            Level.WARNING,
            DENIED
                + ". Carafe runs without io_uring, huge pages and membarrier; each scoped read,"
                + " each write and each lease copies its value; -XX:MaxDirectMemorySize limits the"
                + " cache's memory");
        return DENIED;
      }
      String system = System.getProperty("os.name");
      if (!system.equals("Linux")) {
        return "the operating system is " + system + ", not Linux";
      }
      if (ADDRESS.byteSize() != Long.BYTES) {
        return "addresses have " + ADDRESS.byteSize() + " bytes, not 8";
      }
      try {
        Libc.load();
        return null;
      } catch (LinkageError e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String why = "the C library can't be called (" + cause + ")";
        LOG.log(
            Level.WARNING,
            why
                + ". Carafe runs without io_uring, huge pages and membarrier;"
                + " -XX:MaxDirectMemorySize limits the cache's memory");
        return why;
      }
    }
  }

  /**
   * Whether this platform supports {@link Libc} and allows calling it.
   *
   * @return true on Linux with 64-bit pointers, unless native access is denied
   */
  public static boolean isSupported() {
    return unsupportedReason() == null;
  }

  /**
   * Why {@link Libc} can't be called.
   *
   * @return a clause with the reason and, if known, the remedy; null if it can be called
   */
  public static @Nullable String unsupportedReason() {
    return NativeAccess.REFUSAL;
  }
}
