package dev.carafe.springboot;

import java.io.ObjectInputFilter;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The filters of Java serialization: by default, the application's own classes and plain data. */
final class SerialFilters {
  /** The classes of the JDK that hold data and run no code of other classes than their elements. */
  private static final List<String> DATA =
      List.of(
          "java.lang.*",
          "java.util.*",
          "java.util.concurrent.*",
          "java.util.concurrent.atomic.*",
          "java.math.*",
          "java.time.**",
          "java.net.URI",
          "org.springframework.cache.interceptor.SimpleKey",
          "org.springframework.cache.support.NullValue");

  private SerialFilters() {}

  /**
   * Returns a filter that rejects all classes but those that are named.
   *
   * @param patterns of {@link ObjectInputFilter.Config#createFilter}, which come first
   * @param packages the application's, with all packages below
   * @throws IllegalArgumentException if the patterns are wrong
   */
  static ObjectInputFilter of(String patterns, Collection<String> packages) {
    Stream<String> own =
        packages.stream().filter(each -> !each.isEmpty()).map(each -> each + ".**");
    String all =
        Stream.of(
                patterns.isBlank() ? Stream.<String>empty() : Stream.of(patterns),
                DATA.stream(),
                own)
            .flatMap(each -> each)
            .collect(Collectors.joining(";", "", ";!*"));
    try {
      return ObjectInputFilter.Config.createFilter(all);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "carafe.serial-filter is '"
              + patterns
              + "' but must be patterns of java.io.ObjectInputFilter such as com.example.**: "
              + e.getMessage(),
          e);
    }
  }

  /** The same error, and the property that allows more. */
  static IllegalArgumentException hint(IllegalArgumentException refusal) {
    return new IllegalArgumentException(
        refusal.getMessage() + " (the property carafe.serial-filter)", refusal);
  }
}
