/** Codecs over serialization libraries. A program requires the library of the codec it uses. */
@SuppressWarnings("requires-automatic")
module dev.carafe.codecs {
  requires transitive dev.carafe.api;
  requires static org.apache.fory.core;
  requires static tools.jackson.databind;
  requires static com.fasterxml.jackson.databind;

  // Automatic modules: their manifests declare the names.
  requires static com.esotericsoftware.kryo.kryo5;
  requires static spring.context;

  exports dev.carafe.codecs;
}
