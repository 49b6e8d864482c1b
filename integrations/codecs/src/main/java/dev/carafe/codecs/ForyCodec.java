package dev.carafe.codecs;

import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.apache.fory.ThreadSafeFory;

/**
 * Encodes values by Apache Fory, which compiles a serializer for each class at run time.
 *
 * <p>Each encoded value names its class, so a value of a subclass is decoded as the same class.
 * {@code put} rejects a class that is not registered, unless Fory is configured not to require
 * registration.
 *
 * <p>{@code put} reads back each value (contract R7). It throws an {@link IllegalArgumentException}
 * if Fory can't read the value, for example because it is nested too deeply, or reads it as another
 * one: without {@code withXlang(false)}, a {@code UUID} or an array in a field of type {@code
 * Object} for example. Objects whose class does not define {@code equals} are compared by their
 * fields, except transient ones.
 *
 * <p>With {@code withCompatible(true)}, fields may be added and removed between two runs.
 *
 * @param <T> values
 */
@SuppressWarnings("exports") // a program that uses it requires the module of Fory
public final class ForyCodec<T> implements ArrayCodec<T> {
  private final Class<T> type;
  private final ThreadSafeFory fory;

  /**
   * Creates a codec.
   *
   * @param type the type of the values
   * @param fory a Fory on which the classes are registered, by names or numbers that never change
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
    String difference = ReadBack.difference(value, read);
    if (difference != null) {
      throw new IllegalArgumentException(
          "Fory reads another value than it wrote of " + name + ": " + difference);
    }
    return written;
  }

  @Override
  public T decode(MemorySegment source) {
    try {
      return DeclaredType.cast(type, fory.deserialize(source.toArray(ValueLayout.JAVA_BYTE)));
    } catch (RuntimeException e) {
      throw new UnreadableValueException(type, e);
    }
  }
}
