package dev.carafe;

import dev.carafe.spi.StoreEngine;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;

/** A store over its engine. */
record EngineStore(StoreEngine engine, Executor executor) implements CarafeStore {
  @Override
  public <K, V> CarafeBuilder<K, V> cache(String name, Codec<K> keys, Codec<V> values) {
    return new CarafeBuilder<>(engine.cache(Checks.requireName(name)), executor)
        .keyCodec(Objects.requireNonNull(keys, "keys"))
        .valueCodec(Objects.requireNonNull(values, "values"));
  }

  @Override
  public Set<String> cacheNames() {
    return engine.cacheNames();
  }

  @Override
  public void drop(String name) {
    engine.drop(Objects.requireNonNull(name, "name"));
  }

  @Override
  public void resize(long memoryBytes, long fileBytes) {
    Checks.requireAtLeast("memoryBytes", memoryBytes, CarafeBuilder.MIN_MEMORY_BYTES);
    engine.resize(memoryBytes, fileBytes);
  }

  @Override
  public void flush() {
    engine.flush();
  }

  @Override
  public Health health() {
    return engine.health();
  }

  @Override
  public MemoryUsage memoryUsage() {
    return engine.memoryUsage();
  }

  @Override
  public TierStats tierStats() {
    return engine.tierStats();
  }

  @Override
  public Map<String, TierStats> tierStatsByCache() {
    return engine.tierStatsByCache();
  }

  @Override
  public void close() {
    engine.close();
  }
}
