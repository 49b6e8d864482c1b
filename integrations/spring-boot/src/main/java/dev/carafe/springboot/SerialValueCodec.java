package dev.carafe.springboot;

import dev.carafe.codecs.JavaCodec;
import dev.carafe.spi.ArrayCodec;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;

/** Values by Java serialization. Its messages name the properties that help. */
final class SerialValueCodec implements ArrayCodec<Object> {
  private final JavaCodec<Serializable> serial;

  SerialValueCodec(JavaCodec<Serializable> serial) {
    this.serial = serial;
  }

  @Override
  public String fingerprint() {
    return serial.fingerprint();
  }

  @Override
  public byte[] toArray(Object value) {
    if (!(value instanceof Serializable serializable)) {
      throw new IllegalArgumentException(
          "a value of "
              + value.getClass().getName()
              + " can't be cached by Java serialization: implement java.io.Serializable, or set"
              + " carafe.caches.NAME.value-codec");
    }
    try {
      return serial.toArray(serializable);
    } catch (IllegalArgumentException e) {
      throw SerialFilters.hint(e);
    } catch (UncheckedIOException e) { // a part of it is not serializable
      throw new IllegalArgumentException(
          "a value of " + value.getClass().getName() + " can't be serialized: " + e.getMessage(),
          e);
    }
  }

  @Override
  public Object decode(MemorySegment source) {
    return serial.decode(source);
  }
}
