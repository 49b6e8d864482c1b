/**
 * The engine of Carafe: implements {@link dev.carafe.spi.CarafeEngine}. Only the allocator of
 * off-heap memory, {@link dev.carafe.region}, is public.
 */
@SuppressWarnings("requires-automatic")
module dev.carafe.engine {
  requires transitive dev.carafe.api;
  requires jdk.jfr;

  // Automatic modules: their manifests declare the names.
  requires org.lz4.java;
  requires static chronicle.bytes;

  exports dev.carafe.region;

  provides dev.carafe.spi.CarafeEngine with
      dev.carafe.cache.Engine;
}
