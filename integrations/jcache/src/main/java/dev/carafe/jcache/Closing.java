package dev.carafe.jcache;

import java.lang.System.Logger.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Closes objects: those of the application that are Closeable, as JSR-107 requires. */
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

  /** Runs all steps, also if one throws; throws the first exception with the others suppressed. */
  static void runAll(List<Runnable> steps) {
    RuntimeException first = null;
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
