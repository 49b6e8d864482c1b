package dev.carafe.springboot;

import dev.carafe.CarafeStore;
import dev.carafe.Health.State;
import dev.carafe.Health.Tier;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * The state of a store for Spring Boot. A store with a degraded tier, or with a cache that is not
 * connected to its server, has the status {@code DEGRADED}: other caches work, so it does not take
 * an application out of service.
 */
public final class CarafeHealthIndicator extends AbstractHealthIndicator {
  /** The status of a store of which a tier is degraded. */
  public static final Status DEGRADED = new Status("DEGRADED");

  private final CarafeStore store;
  private final Supplier<Map<String, Boolean>> connected;

  /**
   * Creates an indicator.
   *
   * @param store the store that is asked
   */
  public CarafeHealthIndicator(CarafeStore store) {
    this(store, Map::of);
  }

  /**
   * Creates an indicator.
   *
   * @param connected says whether each cache with a far side is connected to it, by name
   */
  CarafeHealthIndicator(CarafeStore store, Supplier<Map<String, Boolean>> connected) {
    this.store = store;
    this.connected = connected;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    dev.carafe.Health health = store.health();
    Map<String, Boolean> far = connected.get();
    Status status = status(health);
    builder.status(status == Status.UP && far.containsValue(false) ? DEGRADED : status);
    far.forEach((name, open) -> builder.withDetail(name + ".far", open ? "OK" : "DISCONNECTED"));
    add(builder, "memory", health.memory());
    add(builder, "file", health.file());
    add(builder, "device", health.device());
    add(builder, "deviceReason", health.deviceReason());
    add(builder, "unreadable", health.unreadable());
  }

  private static Status status(dev.carafe.Health health) {
    State memory = health.memory().state();
    Tier file = health.file();
    if (memory == State.CLOSED) {
      return Status.OUT_OF_SERVICE;
    }
    boolean isFileOk = file == null || file.state() == State.OK;
    return memory == State.OK && isFileOk ? Status.UP : DEGRADED;
  }

  private static void add(Health.Builder builder, String name, @Nullable Tier tier) {
    if (tier != null) {
      builder.withDetail(name, tier.state().name());
      add(builder, name + "Reason", tier.why() == null ? "" : tier.why());
      add(builder, name + "Since", tier.since() == null ? "" : tier.since().toString());
    }
  }

  private static void add(Health.Builder builder, String name, String value) {
    if (!value.isEmpty()) {
      builder.withDetail(name, value);
    }
  }
}
