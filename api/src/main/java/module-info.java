/**
 * The API of Carafe. {@link dev.carafe.CarafeBuilder} is the entry point.
 *
 * <p>Chronicle Bytes is needed only where a {@link dev.carafe.Codec} for its marshallable types is
 * used: add {@code --add-modules chronicle.bytes} then, unless another module requires it.
 */
@SuppressWarnings("requires-automatic")
module dev.carafe.api {
  requires transitive com.github.benmanes.caffeine;
  requires transitive org.jspecify;

  // Only where CarafeManagement is used.
  requires static transitive java.management;

  // An automatic module: its manifest declares the name.
  requires static chronicle.bytes;

  exports dev.carafe;
  exports dev.carafe.spi;

  uses dev.carafe.spi.CarafeEngine;
}
