/** Meters of Carafe's caches and stores. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.carafe.micrometer {
  requires transitive dev.carafe.api;

  // An automatic module: its manifest declares the name.
  requires transitive micrometer.core;

  exports dev.carafe.micrometer;
}
