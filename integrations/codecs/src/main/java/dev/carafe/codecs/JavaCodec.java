package dev.carafe.codecs;

import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Values by Java's own serialization: slow, large, and dangerous where others can write the file,
 * so there is no default. The filter must name what may be deserialized.
 *
 * <p>A class with a fixed {@code serialVersionUID} may gain and lose fields between two runs.
 *
 * @param <T> values
 */
public final class JavaCodec<T extends Serializable> implements ArrayCodec<T> {
  private final Class<T> type;
  private final ObjectInputFilter filter;

  /**
   * A codec.
   *
   * @param type of the values; its loader finds the classes
   * @param filter rejects all that it does not allow
   */
  public JavaCodec(Class<T> type, ObjectInputFilter filter) {
    this.type = Objects.requireNonNull(type, "type");
    this.filter = Objects.requireNonNull(filter, "filter");
  }

  @Override
  public String fingerprint() {
    return "java/1 " + type.getName();
  }

  @Override
  public byte[] toArray(T value) {
    DeclaredType.check(type, value);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  @SuppressWarnings("BanSerializableRead") // guarded by the filter
  public T decode(MemorySegment source) {
    byte[] bytes = source.toArray(ValueLayout.JAVA_BYTE);
    try (ObjectInputStream in = new In(bytes)) {
      in.setObjectInputFilter(filter);
      return type.cast(in.readObject());
    } catch (IOException | ClassNotFoundException | RuntimeException e) {
      throw new UnreadableValueException(type, e);
    }
  }

  private final class In extends ObjectInputStream {
    In(byte[] bytes) throws IOException {
      super(new ByteArrayInputStream(bytes));
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass described)
        throws IOException, ClassNotFoundException {
      try {
        return Class.forName(described.getName(), false, type.getClassLoader());
      } catch (ClassNotFoundException e) {
        return super.resolveClass(described); // primitives
      }
    }
  }
}
