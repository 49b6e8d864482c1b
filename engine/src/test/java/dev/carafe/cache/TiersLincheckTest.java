package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The public operations of a key, while its value moves between memory and file, against a map of
 * one thread (contract R4). Over the real memory, so by stress: Lincheck's model checker sees no
 * memory outside of the heap.
 *
 * <p>All instances share one cache, each with keys of its own, and {@link #crowd} pushes them out
 * of memory; so a run opens no file, and nothing has to be closed.
 */
@Tag("lincheck")
@Param(name = "key", gen = IntGen.class, conf = "0:1")
@Param(name = "value", gen = IntGen.class, conf = "1:9")
public class TiersLincheckTest {
  private static final int VALUE_BYTES = 3000;
  private static final int CROWD = 12;
  private static final AtomicLong NEXT = new AtomicLong();
  private static final Carafe<Long, Integer> CACHE = open();

  private final long first = NEXT.getAndAdd(2);

  /** Numbers in much room. */
  private static Codec<Integer> padded() {
    return new Codec<>() {
      @Override
      public int encodedBytes(Integer value) {
        return VALUE_BYTES;
      }

      @Override
      public void encode(Integer value, MemorySegment target) {
        target.fill(value.byteValue());
        target.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
      }

      @Override
      public Integer decode(MemorySegment source) {
        return source.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
      }
    };
  }

  private static Carafe<Long, Integer> open() {
    try {
      Path file = Files.createTempFile("lincheck", ".carafe");
      file.toFile().deleteOnExit();
      return Carafe.newBuilder()
          .keyCodec(Codec.int64())
          .valueCodec(padded())
          .memory(64 * 1024)
          .file(FileOptions.at(file, 64 << 20))
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a map does. */
  public static final class Model {
    private final ConcurrentMap<Integer, Integer> map = new ConcurrentHashMap<>();

    /** As below. */
    public @Nullable Integer get(int key) {
      return map.get(key);
    }

    /** As below. */
    public void put(int key, int value) {
      map.put(key, value);
    }

    /** As below. */
    public void invalidate(int key) {
      map.remove(key);
    }

    /** As below. */
    public @Nullable Integer remove(int key) {
      return map.remove(key);
    }

    /** As below. */
    public Integer load(int key, int value) {
      return map.computeIfAbsent(key, k -> value);
    }

    /** As below. */
    public @Nullable Integer putIfAbsent(int key, int value) {
      return map.putIfAbsent(key, value);
    }

    /** As below. */
    public boolean replace(int key, int expected, int value) {
      return map.replace(key, expected, value);
    }

    /** As below. */
    public Integer add(int key, int value) {
      return map.merge(key, value, Integer::sum);
    }

    /** As below. */
    public void crowd() {}
  }

  @Operation
  public @Nullable Integer get(@Param(name = "key") int key) {
    return CACHE.getIfPresent(first + key);
  }

  @Operation
  public void put(@Param(name = "key") int key, @Param(name = "value") int value) {
    CACHE.put(first + key, value);
  }

  @Operation
  public void invalidate(@Param(name = "key") int key) {
    CACHE.invalidate(first + key);
  }

  @Operation
  public @Nullable Integer remove(@Param(name = "key") int key) {
    return CACHE.asMap().remove(first + key);
  }

  @Operation
  public Integer load(@Param(name = "key") int key, @Param(name = "value") int value) {
    return CACHE.asMap().computeIfAbsent(first + key, k -> value);
  }

  @Operation
  public @Nullable Integer putIfAbsent(
      @Param(name = "key") int key, @Param(name = "value") int value) {
    return CACHE.asMap().putIfAbsent(first + key, value);
  }

  @Operation
  public boolean replace(
      @Param(name = "key") int key,
      @Param(name = "value") int expected,
      @Param(name = "value") int value) {
    return CACHE.asMap().replace(first + key, expected, value);
  }

  @Operation
  public Integer add(@Param(name = "key") int key, @Param(name = "value") int value) {
    Integer sum = CACHE.asMap().merge(first + key, value, Integer::sum);
    return sum == null ? 0 : sum;
  }

  /** Others need the memory. */
  @Operation
  public void crowd() {
    for (int i = 0; i < CROWD; i++) {
      CACHE.put(-1L - NEXT.get() * CROWD - i, i);
    }
  }

  @Test
  void operationsAreLinearizableOverBothTiers() {
    int iterations = Soak.times(5, 30);
    int invocations = Soak.times(200, 1500);
    new StressOptions()
        .iterations(iterations)
        .invocationsPerIteration(invocations)
        .threads(2)
        .actorsPerThread(4)
        .actorsBefore(2)
        .actorsAfter(2)
        .sequentialSpecification(Model.class)
        .check(TiersLincheckTest.class);
    if (CACHE.tierStats().file().hits() == 0 || CACHE.tierStats().memory().spilled() == 0) {
      throw new AssertionError("nothing moved: " + CACHE.tierStats());
    }
    Record.add("Lincheck invocations", (long) iterations * invocations);
  }
}
