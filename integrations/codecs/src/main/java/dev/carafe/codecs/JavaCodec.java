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
import org.jspecify.annotations.Nullable;

/**
 * Encodes values by Java serialization, which is slow and needs many bytes. If another user can
 * write the file, decoding can execute code. Therefore the filter, which must name the classes that
 * may be deserialized, has no default.
 *
 * <p>{@code put} reads back each value that it encodes. It rejects a value with an {@link
 * IllegalArgumentException} if the filter rejects a class in it, its depth or its size, if the
 * class loader does not find a class, or if another class comes back (contract R7).
 *
 * <p>A class with a fixed {@code serialVersionUID} may gain and lose fields between two runs.
 *
 * @param <T> values
 */
public final class JavaCodec<T extends Serializable> implements ArrayCodec<T> {
  private final Class<T> type;
  private final ObjectInputFilter filter;
  private final @Nullable ClassLoader loader;

  /**
   * Creates a codec.
   *
   * @param type the type of the values; its class loader resolves the classes
   * @param filter must reject all classes that it does not explicitly allow
   */
  public JavaCodec(Class<T> type, ObjectInputFilter filter) {
    this(type, filter, type.getClassLoader());
  }

  /**
   * Creates a codec whose values have classes of another class loader than their declared type.
   *
   * @param type the type of the values
   * @param filter must reject all classes that it does not explicitly allow
   * @param loader resolves the classes of the values; null for the bootstrap loader
   */
  public JavaCodec(Class<T> type, ObjectInputFilter filter, @Nullable ClassLoader loader) {
    this.type = Objects.requireNonNull(type, "type");
    this.filter = Objects.requireNonNull(filter, "filter");
    this.loader = loader;
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
    byte[] written = bytes.toByteArray();
    readBack(value, written);
    return written;
  }

  /** Rejects a value that {@link #decode} could not read. */
  private void readBack(T value, byte[] bytes) {
    String name = value.getClass().getName();
    Rejections rejections = new Rejections();
    T read;
    try {
      read = read(bytes, rejections);
    } catch (IOException | ClassNotFoundException | RuntimeException e) {
      throw new IllegalArgumentException(
          "a value of " + name + " can't be read back: " + rejections.reasonOr(e), e);
    }
    if (!DeclaredType.isSameKind(value, read)) {
      String other = read == null ? "null" : "an object of " + read.getClass().getName();
      throw new IllegalArgumentException("a value of " + name + " comes back as " + other);
    }
  }

  @Override
  public T decode(MemorySegment source) {
    try {
      return read(source.toArray(ValueLayout.JAVA_BYTE), filter);
    } catch (IOException | ClassNotFoundException | RuntimeException e) {
      throw new UnreadableValueException(type, e);
    }
  }

  @SuppressWarnings("BanSerializableRead") // guarded by the filter
  private T read(byte[] bytes, ObjectInputFilter guard) throws IOException, ClassNotFoundException {
    try (ObjectInputStream in = new In(bytes)) {
      in.setObjectInputFilter(guard);
      return DeclaredType.cast(type, in.readObject());
    }
  }

  /** The codec's filter, and its last rejection. */
  private final class Rejections implements ObjectInputFilter {
    private @Nullable FilterInfo rejected;

    @Override
    public Status checkInput(FilterInfo info) {
      Status status = filter.checkInput(info);
      if (status == null || status == Status.REJECTED) {
        rejected = info;
      }
      return status;
    }

    String reasonOr(Exception e) {
      FilterInfo info = rejected;
      if (info == null) {
        return e.toString();
      }
      Class<?> serialClass = info.serialClass();
      return "the ObjectInputFilter rejects "
          + (serialClass == null ? "it" : "the class " + serialClass.getName())
          + (info.arrayLength() < 0 ? "" : " with " + info.arrayLength() + " elements")
          + " at depth "
          + info.depth()
          + (", after " + info.references() + " references and " + info.streamBytes() + " bytes; ")
          + (serialClass == null ? "" : "allow the class in the filter, or ")
          + "raise the filter's limits";
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
        return Class.forName(described.getName(), false, loader);
      } catch (ClassNotFoundException e) {
        return super.resolveClass(described); // primitives
      }
    }
  }
}
