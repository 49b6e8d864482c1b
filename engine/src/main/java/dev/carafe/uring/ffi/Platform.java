package dev.carafe.uring.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Whether {@link Libc} can be called; asked before it is, for elsewhere it can't even be loaded.
 */
public final class Platform {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private Platform() {}

  /** Looked at once, when it is first asked for. */
  private static final class NativeAccess {
    static final @Nullable String REFUSAL = find();

    private NativeAccess() {}

    private static @Nullable String find() {
      if (!System.getProperty("os.name").equals("Linux") || ADDRESS.byteSize() != Long.BYTES) {
        return "this is not Linux";
      }
      try {
        Libc.load();
        return null;
      } catch (LinkageError e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String why =
            cause instanceof IllegalCallerException
                ? "native access is denied; start Java with --enable-native-access=ALL-UNNAMED,"
                    + " or the name of Carafe's module"
                : "the C library can't be called (" + cause + ")";
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
  public static boolean isLinux() {
    return whyNot() == null;
  }

  /**
   * Why {@link Libc} can't be called.
   *
   * @return half a sentence, with what would change it; null if it can be
   */
  public static @Nullable String whyNot() {
    return NativeAccess.REFUSAL;
  }
}
