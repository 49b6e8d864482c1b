package dev.carafe.base;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Checks all open caches and file tiers after every test, and reports failed checks of those that
 * have closed. JUnit detects this extension automatically.
 */
public final class StructuresAfterEach implements AfterEachCallback, AfterAllCallback {
  @Override
  public void afterEach(ExtensionContext context) {
    Structures.checkOpen();
    report();
  }

  /** Reports failed checks of structures that a test class closes after its last test. */
  @Override
  public void afterAll(ExtensionContext context) {
    report();
  }

  private static void report() {
    List<Throwable> broken = Structures.takeBroken();
    if (!broken.isEmpty()) {
      AssertionError error = new AssertionError(broken.getFirst().getMessage(), broken.getFirst());
      broken.stream().skip(1).forEach(error::addSuppressed);
      throw error;
    }
  }
}
