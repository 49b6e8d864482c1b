package dev.carafe.cache;

import dev.carafe.tier.RecentReads;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Caches that the tests of a class open take the shortcut of {@link RecentReads} from the second
 * entry on. All other tests run with the threshold that users have.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(EarlyShortcut.Setting.class)
@interface EarlyShortcut {
  /** Sets the system property while the tests of a class run. */
  final class Setting implements BeforeAllCallback, AfterAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
      System.setProperty(RecentReads.FEWEST_ENTRIES, "2");
    }

    @Override
    public void afterAll(ExtensionContext context) {
      System.clearProperty(RecentReads.FEWEST_ENTRIES);
    }
  }
}
