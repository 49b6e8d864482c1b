package dev.carafe.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.testing.ConcurrentMapTestSuiteBuilder;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import junit.framework.Test;
import junit.framework.TestCase;
import junit.framework.TestResult;
import junit.framework.TestSuite;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guava's test suites for concurrent maps and their views over {@code asMap()}: without a file,
 * with a file, and with so little memory that all values are in the file.
 *
 * <p>The features are those that Caffeine is tested with. The tests of a suite share a cache, which
 * is cleared between them.
 */
@SmallRecentReads
final class MapSuitesTest {
  private static final int PADDED_BYTES = 24 * 1024;

  @TempDir Path directory;
  private @Nullable Carafe<String, String> open;

  @TestFactory
  Stream<DynamicNode> inMemory() {
    return suite("memory", () -> builder(Codec.utf8(), 1 << 20));
  }

  @TestFactory
  Stream<DynamicNode> inMemoryAndFile() {
    return suite("memory and file", () -> builder(Codec.utf8(), 1 << 20).file(file()));
  }

  @TestFactory
  Stream<DynamicNode> onFile() {
    return suite("file", () -> builder(padded(), CarafeBuilder.MIN_MEMORY_BYTES).file(file()));
  }

  private static CarafeBuilder<String, String> builder(Codec<String> values, long memoryBytes) {
    return Carafe.newBuilder().keyCodec(Codec.utf8()).valueCodec(values).memory(memoryBytes);
  }

  /** A codec that pads values, so that none fits the smallest memory. */
  private static Codec<String> padded() {
    return Codec.of(
        value -> Arrays.copyOf(value.getBytes(UTF_8), PADDED_BYTES),
        bytes -> new String(bytes, UTF_8).replace("\0", ""));
  }

  private FileOptions file() {
    return FileOptions.at(directory.resolve("c"), 64 << 20)
        .withIo(FileOptions.Io.CHANNEL)
        .withCompression(FileOptions.Compression.NONE);
  }

  private Stream<DynamicNode> suite(String name, Supplier<CarafeBuilder<String, String>> builder) {
    TestSuite suite =
        ConcurrentMapTestSuiteBuilder.using(
                new TestStringMapGenerator() {
                  @Override
                  protected Map<String, String> create(Map.Entry<String, String>[] entries) {
                    Carafe<String, String> cache = open == null ? builder.get().build() : open;
                    open = cache;
                    cache.invalidateAll();
                    for (Map.Entry<String, String> entry : entries) {
                      cache.put(entry.getKey(), entry.getValue());
                    }
                    return cache.asMap();
                  }
                })
            .named(name)
            .withFeatures(
                CollectionSize.ANY,
                MapFeature.GENERAL_PURPOSE,
                MapFeature.ALLOWS_NULL_ENTRY_QUERIES,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
            .createTestSuite();
    return nodes(suite)
        .onClose(() -> {
          if (open != null) {
            open.close();
            open = null;
          }
        });
  }

  /** Converts JUnit 3 tests to dynamic tests. */
  private static Stream<DynamicNode> nodes(TestSuite suite) {
    List<Test> tests = Collections.list(suite.tests());
    return tests.stream()
        .map(test ->
            test instanceof TestSuite inner
                ? DynamicContainer.dynamicContainer(inner.getName(), nodes(inner))
                : DynamicTest.dynamicTest(((TestCase) test).getName(), () -> run(test)));
  }

  private static void run(Test test) throws Throwable {
    TestResult result = new TestResult();
    test.run(result);
    for (var failures : List.of(result.errors(), result.failures())) {
      if (failures.hasMoreElements()) {
        throw failures.nextElement().thrownException();
      }
    }
  }
}
