/** Auto-configuration of Carafe for Spring Boot. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.carafe.springboot {
  requires transitive dev.carafe.api;
  requires dev.carafe.codecs;

  // Automatic modules: their manifests declare the names.
  requires transitive spring.context;
  requires transitive spring.core;
  requires transitive spring.beans;
  requires spring.context.support;
  requires transitive spring.boot;
  requires transitive spring.boot.autoconfigure;
  requires transitive spring.boot.cache;
  requires static transitive spring.boot.health;
  requires static transitive micrometer.core;
  requires static dev.carafe.micrometer;
  requires static dev.carafe.redis;
  requires static tools.jackson.databind;
  requires static com.github.benmanes.caffeine;

  exports dev.carafe.springboot;

  // Spring calls the methods that create beans.
  opens dev.carafe.springboot;
}
