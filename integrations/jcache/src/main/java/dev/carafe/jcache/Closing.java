package dev.carafe.jcache;

import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Closes objects of the application that are Closeable, as JSR-107 requires. */
final class Closing {
  private static final System.Logger LOG = System.getLogger("dev.carafe.jcache");

  private Closing() {}

  static void close(@Nullable Object given) {
    if (given instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        LOG.log(Level.WARNING, "can't be closed: " + given, e);
      }
    }
  }
}
