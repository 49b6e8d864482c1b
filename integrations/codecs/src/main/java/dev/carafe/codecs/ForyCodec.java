package dev.carafe.codecs;

import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.apache.fory.ThreadSafeFory;

/**
 * Values by Apache Fory, which compiles a serializer for each class at run time.
 *
 * <p>Each value carries its class, so a value of a subclass comes back as an object of the same
 * class. Fory rejects a class that is not registered when it is put, unless it was told not to
 * require registration.
 *
 * <p>{@code put} reads back each value, and rejects with an {@link IllegalArgumentException} one
 * that Fory can't read, since it is nested too deeply for example, or reads as another class
 * (contract R7). Objects inside the value are not compared.
 *
 * <p>With {@code withCompatible(true)} fields may be added and removed between two runs.
 *
 * @param <T> values
 */
public final class ForyCodec<T> implements ArrayCodec<T> {
  private final Class<T> type;
  private final ThreadSafeFory fory;

  /**
   * A codec.
   *
   * @param type of the values
   * @param fory with the classes registered, by names or numbers that stay the same
   */
  public ForyCodec(Class<T> type, ThreadSafeFory fory) {
    this.type = type;
    this.fory = fory;
  }

  @Override
  public String fingerprint() {
    return "fory/1 " + type.getName();
  }

  @Override
  public byte[] toArray(T value) {
    DeclaredType.check(type, value);
    byte[] written = fory.serialize(value);
    String name = value.getClass().getName();
    Object read;
    try {
      read = fory.deserialize(written);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "Fory can't read back what it wrote of " + name + ": " + e.getMessage(), e);
    }
    if (!DeclaredType.isSameKind(value, read)) {
      throw new IllegalArgumentException("Fory reads another class than it wrote of " + name);
    }
    return written;
  }

  @Override
  public T decode(MemorySegment source) {
    try {
      return type.cast(fory.deserialize(source.toArray(ValueLayout.JAVA_BYTE)));
    } catch (RuntimeException e) {
      throw new UnreadableValueException(type, e);
    }
  }
}
