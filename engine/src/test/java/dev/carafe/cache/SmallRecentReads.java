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
 * Caches that the tests of a class open use the table of {@link RecentReads} from two entries on,
 * also while they evict. All other tests run with the default of 4,096 entries.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SmallRecentReads.Setting.class)
@interface SmallRecentReads {
  /** Sets the system property while the tests of a class run. */
  final class Setting implements BeforeAllCallback, AfterAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
      System.setProperty(RecentReads.MIN_ENTRIES_PROPERTY, "2");
    }

    @Override
    public void afterAll(ExtensionContext context) {
      System.clearProperty(RecentReads.MIN_ENTRIES_PROPERTY);
    }
  }
}
