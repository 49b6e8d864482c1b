package dev.carafe.uring.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.carafe.region.ScopedView;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Whether {@link Libc} can be called; asked before it is, for elsewhere it can't even be loaded.
 */
public final class Platform {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private static final String DENIED =
      "native access is denied; start Java with --enable-native-access=ALL-UNNAMED, or the name of"
          + " Carafe's module";

  private Platform() {}

  /** Looked at once, when it is first asked for. */
  private static final class NativeAccess {
    static final @Nullable String REFUSAL = find();

    private NativeAccess() {}

    private static @Nullable String find() {
      if (ScopedView.isCopy()) {
        LOG.log(
            Level.WARNING,
            DENIED
                + ". Carafe goes on without io_uring, huge pages and membarrier; each scoped read,"
                + " each write and each lease copies its value; memory counts against"
                + " -XX:MaxDirectMemorySize");
        return DENIED;
      }
      String system = System.getProperty("os.name");
      if (!system.equals("Linux")) {
        return "this is not Linux but " + system;
      }
      if (ADDRESS.byteSize() != Long.BYTES) {
        return "this is Linux with addresses of " + ADDRESS.byteSize() + " bytes, not 8";
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
                + ". Carafe goes on without io_uring, huge pages and membarrier; memory counts"
                + " against -XX:MaxDirectMemorySize");
        return why;
      }
    }
  }

  /**
   * Whether this system has what {@link Libc} and the ring need, and lets this product call it.
   *
   * @return true on Linux with 64-bit pointers, unless native access is denied
   */
  public static boolean isSupported() {
    return unsupportedReason() == null;
  }

  /**
   * Why {@link Libc} can't be called.
   *
   * @return half a sentence, with what would change it; null if it can be
   */
  public static @Nullable String unsupportedReason() {
    return NativeAccess.REFUSAL;
  }
}
