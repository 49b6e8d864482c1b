package dev.carafe.base;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Turns the logs of Carafe and of Caffeine off during each test of a class that injects faults. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(LogsOff.Setting.class)
public @interface LogsOff {
  /** Sets the levels of the loggers. */
  final class Setting implements BeforeEachCallback, AfterEachCallback {
    private static final List<Logger> LOGGERS =
        List.of(Logger.getLogger("dev.carafe"), Logger.getLogger("com.github.benmanes.caffeine"));

    @Override
    public void beforeEach(ExtensionContext context) {
      LOGGERS.forEach(logger -> logger.setLevel(Level.OFF));
    }

    @Override
    public void afterEach(ExtensionContext context) {
      LOGGERS.forEach(logger -> logger.setLevel(null));
    }
  }
}
