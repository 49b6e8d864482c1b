package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.Scheduler;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Persist;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads the values of settings that are given as text. Each method throws an {@link
 * IllegalArgumentException} that names the key, the value and what is allowed.
 */
public final class SettingText {
  /** The keys that {@link #withMode} knows: the modes of {@link FileOptions}, and its durations. */
  public static final List<String> MODES =
      List.of("persist", "recovery", "io", "compression", "overload", "retention", "scrubPeriod");

  private static final Pattern BYTES = Pattern.compile("(\\d+) ?([kmgt]?)");
  private static final Pattern UNDERSCORES = Pattern.compile("(?<=\\d)_+(?=\\d)");
  private static final String UNITS = "kmgt";
  private static final String DURATION =
      "a duration: a whole number and d, h, m or s such as 10m, or ISO 8601 such as PT1H30M";

  private SettingText() {}

  /**
   * Reads a number of bytes.
   *
   * @param key the setting
   * @param value such as {@code 4096}, {@code 64k}, {@code 16m}, {@code 4g} or {@code 1t}
   * @return bytes
   */
  public static long bytes(String key, String value) {
    Matcher size = BYTES.matcher(withoutUnderscores(value).toLowerCase(Locale.ROOT));
    if (size.matches()) {
      try {
        long number = Long.parseLong(size.group(1));
        String unit = size.group(2);
        int shift = unit.isEmpty() ? 0 : 10 * (UNITS.indexOf(unit) + 1);
        return Math.multiplyExact(number, 1L << shift);
      } catch (ArithmeticException | NumberFormatException e) {
        throw wrong(key, value, "less than 8 EiB", e);
      }
    }
    throw wrong(key, value, "bytes: a whole number such as 4096, 64k, 16m, 4g or 1t");
  }

  /**
   * Reads a duration in the syntax of Caffeine's specification.
   *
   * @param key the setting
   * @param value such as {@code 10m} or {@code PT10M}
   * @return the duration, which is not negative
   */
  public static Duration duration(String key, String value) {
    try {
      if (value.isEmpty()) {
        throw wrong(key, value, DURATION);
      }
      Duration duration =
          value.toUpperCase(Locale.ROOT).contains("P") ? Duration.parse(value) : simple(key, value);
      if (duration.isNegative()) {
        throw wrong(key, value, "zero or more");
      }
      return duration;
    } catch (DateTimeParseException | NumberFormatException e) {
      throw wrong(key, value, DURATION, e);
    } catch (ArithmeticException e) {
      throw wrong(key, value, "at most " + Long.MAX_VALUE + " seconds", e);
    }
  }

  /** Caffeine takes underscores between digits, as in the source of Java. */
  private static String withoutUnderscores(String value) {
    return UNDERSCORES.matcher(value).replaceAll("");
  }

  private static Duration simple(String key, String value) {
    int end = value.length() - 1;
    char unit = Character.toLowerCase(value.charAt(end));
    if ("dhms".indexOf(unit) < 0) {
      throw wrong(key, value, DURATION);
    }
    long number = Long.parseLong(withoutUnderscores(value.substring(0, end)));
    return switch (unit) {
      case 'd' -> Duration.ofDays(number);
      case 'h' -> Duration.ofHours(number);
      case 'm' -> Duration.ofMinutes(number);
      default -> Duration.ofSeconds(number);
    };
  }

  /**
   * Reads what removes expired entries promptly.
   *
   * @param key the setting
   * @param value {@code system}, the only one that a text can name
   * @return {@link Scheduler#systemScheduler()}
   */
  public static Scheduler scheduler(String key, String value) {
    if (!value.equalsIgnoreCase("system")) {
      throw wrong(key, value, "system; without it, later operations remove expired entries");
    }
    return Scheduler.systemScheduler();
  }

  /**
   * Sets a mode of a file.
   *
   * @param options the options so far
   * @param key one of {@link #MODES}
   * @param value a constant of the mode in any case; for {@code persist} also several with {@code
   *     +} between them, or {@code none}
   * @return changed options
   */
  public static FileOptions withMode(FileOptions options, String key, String value) {
    return switch (key) {
      case "persist" -> options.withPersist(persist(value));
      case "recovery" -> options.withRecovery(constant(key, value, FileOptions.Recovery.values()));
      case "io" -> options.withIo(constant(key, value, FileOptions.Io.values()));
      case "compression" ->
          options.withCompression(constant(key, value, FileOptions.Compression.values()));
      case "overload" -> options.withOverload(constant(key, value, FileOptions.Overload.values()));
      case "retention" ->
          options.withRetention(constant(key, value, FileOptions.Retention.values()));
      case "scrubPeriod" -> options.withScrubPeriod(duration(key, value));
      default -> throw wrong("the mode", key, "one of " + MODES);
    };
  }

  private static Set<Persist> persist(String value) {
    Set<Persist> chosen = EnumSet.noneOf(Persist.class);
    if (!value.equalsIgnoreCase("none")) {
      for (String part : value.split("\\+", -1)) {
        Function<String, IllegalArgumentException> error =
            allowed -> wrong("persist", value, allowed + ", misses+evictions or none");
        chosen.add(constant(part.strip(), Persist.values(), error));
      }
    }
    return chosen;
  }

  private static <E extends Enum<E>> E constant(String key, String value, E[] constants) {
    return constant(value, constants, allowed -> wrong(key, value, allowed));
  }

  private static <E extends Enum<E>> E constant(
      String value, E[] constants, Function<String, IllegalArgumentException> error) {
    String name = value.replace('-', '_');
    for (E each : constants) {
      if (each.name().equalsIgnoreCase(name)) {
        return each;
      }
    }
    throw error.apply(
        Arrays.stream(constants)
            .map(each -> each.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", ")));
  }

  private static IllegalArgumentException wrong(
      String key, String value, String right, Exception cause) {
    IllegalArgumentException wrong = wrong(key, value, right);
    wrong.initCause(cause);
    return wrong;
  }

  /**
   * An error that names the setting, its value and what is allowed.
   *
   * @param key the setting
   * @param value what was given
   * @param right what is allowed
   * @return the error
   */
  public static IllegalArgumentException wrong(String key, String value, String right) {
    return new IllegalArgumentException(key + " is '" + value + "' but must be " + right);
  }
}
