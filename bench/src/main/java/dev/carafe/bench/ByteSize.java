package dev.carafe.bench;

import dev.carafe.spi.SettingText;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A size in bytes such as {@code 64m}, {@code 1g} or {@code 4096}, or a percentage such as {@code
 * 5%}.
 *
 * @param bytes the size in bytes, 0 for a percentage
 * @param percent the percentage, negative for a size in bytes
 */
record ByteSize(long bytes, double percent) {
  private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([kmgt%]?)b?");

  static ByteSize parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a size: expected bytes such as 4096, 64k, 64m or 1g, or a"
              + " percentage such as 5%");
    }
    double number = Double.parseDouble(matcher.group(1));
    String unit = matcher.group(2);
    return unit.equals("%")
        ? new ByteSize(0, number)
        : new ByteSize((long) (number * SettingText.bytes("size", "1" + unit)), -1);
  }

  /** Returns the size in bytes; a percentage refers to {@code wholeBytes}. */
  long of(long wholeBytes) {
    return percent < 0 ? bytes : (long) (wholeBytes * percent / 100);
  }

  /** Formats a size with a binary unit. */
  static String format(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double amount = bytes;
    int unit = 0;
    while (amount >= 1024 && unit < units.length - 1) {
      amount /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", amount, units[unit]);
  }

  /** Converts a command-line option. */
  static final class Converter implements ITypeConverter<ByteSize> {
    @Override
    public ByteSize convert(String text) {
      try {
        return parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
