package dev.carafe;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a cache that it holds weakly. An attribute of a closed cache can't be read. */
final class CacheBean implements CarafeMXBean {
  private final WeakReference<Carafe<?, ?>> cache;
  private final String name;
  private final Consumer<CacheBean> onClosed;

  CacheBean(Carafe<?, ?> cache, String name, Consumer<CacheBean> onClosed) {
    this.cache = new WeakReference<>(cache);
    this.name = name;
    this.onClosed = onClosed;
  }

  boolean isOpen() {
    Carafe<?, ?> held = cache.get();
    return held != null && held.health().memory().state() != Health.State.CLOSED;
  }

  private Carafe<?, ?> open() {
    Carafe<?, ?> held = cache.get();
    if (held == null || held.health().memory().state() == Health.State.CLOSED) {
      onClosed.accept(this);
      throw new IllegalStateException(
          "the cache '" + name + "' is closed; its MBean is unregistered");
    }
    return held;
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public long getEstimatedSize() {
    return open().estimatedSize();
  }

  @Override
  public TierStats.MemoryTier getMemoryTier() {
    return open().tierStats().memory();
  }

  @Override
  public TierStats.FileTier getFileTier() {
    return open().tierStats().file();
  }

  @Override
  public long getUnreadableValues() {
    return open().tierStats().unreadable();
  }

  @Override
  public Health.State getMemoryState() {
    return open().health().memory().state();
  }

  @Override
  public Health.@Nullable State getFileState() {
    Health.Tier file = open().health().file();
    return file == null ? null : file.state();
  }

  @Override
  public String getFailure() {
    Health health = open().health();
    return Stream.of(why(health.memory()), why(health.file()))
        .filter(words -> !words.isEmpty())
        .collect(Collectors.joining("; "));
  }

  private static String why(Health.@Nullable Tier tier) {
    return tier == null ? "" : Objects.requireNonNullElse(tier.why(), "");
  }

  @Override
  public String getDevice() {
    return open().health().device();
  }

  @Override
  public String getDeviceReason() {
    return open().health().deviceReason();
  }

  @Override
  public Map<String, Long> getMemoryBytesByTag() {
    return open().memoryUsage().bytesByTag();
  }

  @Override
  public long getMemoryTotalBytes() {
    return open().memoryUsage().totalBytes();
  }

  @Override
  public long getMemoryValueBytes() {
    return open().memoryUsage().valueBytes();
  }

  @Override
  public long getMemoryBudgetBytes() {
    return open().memoryUsage().budgetBytes();
  }
}
