package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;

/**
 * The single-key operations of cache and map, on two keys. Lincheck compares them with a sequential
 * map (contract R4). The tests use Lincheck's stress mode, since its model checker does not cover
 * off-heap memory.
 *
 * <p>All instances share one cache, and each has its own keys, so a run opens no file and closes no
 * cache. Sums above a limit remove the key, so that computations also remove.
 */
@Param(name = "key", gen = IntGen.class, conf = "0:1")
@Param(name = "value", gen = IntGen.class, conf = "1:4")
public abstract class LincheckOperations {
  private static final int LIMIT = 6;
  static final AtomicLong NEXT = new AtomicLong();

  final long first = NEXT.getAndAdd(2);

  abstract Carafe<Long, Integer> cache();

  private ConcurrentMap<Long, Integer> map() {
    return cache().asMap();
  }

  private static @Nullable Integer sum(@Nullable Integer before, int value) {
    int sum = before == null ? value : before + value;
    return sum > LIMIT ? null : (Integer) sum;
  }

  /** The sequential specification, a map. */
  public static final class Model {
    private final ConcurrentMap<Integer, Integer> map = new ConcurrentHashMap<>();

    /** As below. */
    public @Nullable Integer get(int key) {
      return map.get(key);
    }

    /** As below. */
    public @Nullable Integer mapGet(int key) {
      return map.get(key);
    }

    /** As below. */
    public @Nullable Integer getQuietly(int key) {
      return map.get(key);
    }

    /** As below. */
    public @Nullable Integer getAllPresent(int key) {
      return map.get(key);
    }

    /** As below. */
    public boolean containsKey(int key) {
      return map.containsKey(key);
    }

    /** As below. */
    public boolean containsEntry(int key, int value) {
      return map.entrySet().contains(Map.entry(key, value));
    }

    /** As below. */
    public void put(int key, int value) {
      map.put(key, value);
    }

    /** As below. */
    public @Nullable Integer mapPut(int key, int value) {
      return map.put(key, value);
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
    public boolean removeValue(int key, int value) {
      return map.remove(key, value);
    }

    /** As below. */
    public Integer computeIfAbsent(int key, int value) {
      return map.computeIfAbsent(key, k -> value);
    }

    /** As below. */
    public Integer load(int key, int value) {
      return map.computeIfAbsent(key, k -> value);
    }

    /** As below. */
    public @Nullable Integer loadAll(int key, int value) {
      return map.computeIfAbsent(key, k -> value);
    }

    /** As below. */
    public @Nullable Integer putIfAbsent(int key, int value) {
      return map.putIfAbsent(key, value);
    }

    /** As below. */
    public @Nullable Integer replace(int key, int value) {
      return map.replace(key, value);
    }

    /** As below. */
    public boolean replaceValue(int key, int expected, int value) {
      return map.replace(key, expected, value);
    }

    /** As below. */
    @SuppressWarnings("NullAway") // null to remove
    public @Nullable Integer compute(int key, int value) {
      return map.compute(key, (k, before) -> sum(before, value));
    }

    /** As below. */
    @SuppressWarnings("NullAway") // null to remove
    public @Nullable Integer computeIfPresent(int key, int value) {
      return map.computeIfPresent(key, (k, before) -> sum(before, value));
    }

    /** As below. */
    @SuppressWarnings("NullAway") // null to remove
    public @Nullable Integer merge(int key, int value) {
      return map.merge(key, value, LincheckOperations::sum);
    }

    /** Puts other keys, which evicts entries. */
    public void evictEntries() {}
  }

  @Operation
  public @Nullable Integer get(@Param(name = "key") int key) {
    return cache().getIfPresent(first + key);
  }

  @Operation
  public @Nullable Integer mapGet(@Param(name = "key") int key) {
    return map().get(first + key);
  }

  @Operation
  public @Nullable Integer getQuietly(@Param(name = "key") int key) {
    return cache().policy().getIfPresentQuietly(first + key);
  }

  @Operation
  public @Nullable Integer getAllPresent(@Param(name = "key") int key) {
    return cache().getAllPresent(List.of(first + key)).get(first + key);
  }

  @Operation
  public boolean containsKey(@Param(name = "key") int key) {
    return map().containsKey(first + key);
  }

  @Operation
  public boolean containsEntry(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map().entrySet().contains(Map.entry(first + key, value));
  }

  @Operation
  public void put(@Param(name = "key") int key, @Param(name = "value") int value) {
    cache().put(first + key, value);
  }

  @Operation
  public @Nullable Integer mapPut(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map().put(first + key, value);
  }

  @Operation
  public void invalidate(@Param(name = "key") int key) {
    cache().invalidate(first + key);
  }

  @Operation
  public @Nullable Integer remove(@Param(name = "key") int key) {
    return map().remove(first + key);
  }

  @Operation
  public boolean removeValue(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map().remove(first + key, value);
  }

  @Operation
  public Integer computeIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map().computeIfAbsent(first + key, k -> value);
  }

  @Operation
  public Integer load(@Param(name = "key") int key, @Param(name = "value") int value) {
    return cache().get(first + key, k -> value);
  }

  @Operation
  public @Nullable Integer loadAll(@Param(name = "key") int key, @Param(name = "value") int value) {
    return cache()
        .getAll(List.of(first + key), keys -> Map.of(first + key, value))
        .get(first + key);
  }

  @Operation
  public @Nullable Integer putIfAbsent(
      @Param(name = "key") int key, @Param(name = "value") int value) {
    return map().putIfAbsent(first + key, value);
  }

  @Operation
  public @Nullable Integer replace(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map().replace(first + key, value);
  }

  @Operation
  public boolean replaceValue(
      @Param(name = "key") int key,
      @Param(name = "value") int expected,
      @Param(name = "value") int value) {
    return map().replace(first + key, expected, value);
  }

  @Operation
  @SuppressWarnings("NullAway") // null to remove
  public @Nullable Integer compute(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map().compute(first + key, (k, before) -> sum(before, value));
  }

  @Operation
  @SuppressWarnings("NullAway") // null to remove
  public @Nullable Integer computeIfPresent(
      @Param(name = "key") int key, @Param(name = "value") int value) {
    return map().computeIfPresent(first + key, (k, before) -> sum(before, value));
  }

  @Operation
  @SuppressWarnings("NullAway") // null to remove
  public @Nullable Integer merge(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map().merge(first + key, value, LincheckOperations::sum);
  }

  static void check(Class<? extends LincheckOperations> operations) {
    int iterations = Soak.times(30, 100);
    int invocations = Soak.times(200, 2000);
    new StressOptions()
        .iterations(iterations)
        .invocationsPerIteration(invocations)
        .threads(3)
        .actorsPerThread(3)
        .actorsBefore(2)
        .actorsAfter(2)
        .sequentialSpecification(Model.class)
        .check(operations);
    Record.add("Lincheck invocations", (long) iterations * invocations);
  }
}
