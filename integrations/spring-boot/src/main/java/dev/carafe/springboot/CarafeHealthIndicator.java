package dev.carafe.springboot;

import dev.carafe.CarafeStore;
import dev.carafe.Health.State;
import dev.carafe.Health.Tier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * The state of a store for Spring Boot. A store with a degraded tier has the status {@code
 * DEGRADED}: the caches work, so it does not take an application out of service.
 */
public final class CarafeHealthIndicator extends AbstractHealthIndicator {
  /** The status of a store of which a tier is degraded. */
  public static final Status DEGRADED = new Status("DEGRADED");

  private final CarafeStore store;

  /**
   * Creates an indicator.
   *
   * @param store the store that is asked
   */
  public CarafeHealthIndicator(CarafeStore store) {
    this.store = store;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    dev.carafe.Health health = store.health();
    builder.status(status(health));
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
