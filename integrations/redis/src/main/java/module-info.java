/** A near cache for Redis and Valkey. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.carafe.redis {
  requires transitive dev.carafe.api;

  // An automatic module: its manifest declares the name.
  requires transitive lettuce.core;
  requires static transitive micrometer.core; // for CarafeNearMetrics

  exports dev.carafe.redis;
}
