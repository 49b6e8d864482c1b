/** JCache (JSR 107) over Carafe. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.carafe.jcache {
  requires transitive dev.carafe.api;
  requires java.management;

  // An automatic module. Its manifest declares no name: this one comes from the name of the jar.
  requires transitive cache.api;
  requires static dev.carafe.redis; // for caches with a far side

  exports dev.carafe.jcache;

  provides javax.cache.spi.CachingProvider with
      dev.carafe.jcache.CarafeCachingProvider;
}
