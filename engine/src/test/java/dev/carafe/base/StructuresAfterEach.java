package dev.carafe.base;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Checks all caches and file tiers that are open after every test, and reports what was found
 * broken when others closed. JUnit finds it by itself.
 */
public final class StructuresAfterEach implements AfterEachCallback, AfterAllCallback {
  @Override
  public void afterEach(ExtensionContext context) {
    Structures.checkOpen();
    report();
  }

  /** What a test class closes after its last test. */
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
