package dev.carafe.springboot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.interceptor.SimpleKey;

/**
 * Java serialization of keys: equal keys have equal bytes. A plain stream writes an object that
 * occurs twice as a reference to its first occurrence, and two equal objects in full: the bytes of
 * {@code (s, s)} and {@code (s, copy of s)} differ. Here, the second of two equal parts is always a
 * reference. To find them, the key is read back, with one object for equal parts, and written
 * again. Thread-safe.
 */
final class CanonicalSerialization {
  private final ObjectInputFilter filter;
  private final @Nullable ClassLoader loader;

  CanonicalSerialization(ObjectInputFilter filter, @Nullable ClassLoader loader) {
    this.filter = filter;
    this.loader = loader;
  }

  /**
   * Returns the bytes of a key, which a plain {@link ObjectInputStream} reads.
   *
   * @throws IOException if the key, or a part of it, can't be written or read
   */
  byte[] bytes(Object key) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Out stream = new Out(out)) {
      stream.writeObject(key);
      if (key instanceof SimpleKey && stream.others <= 2) { // the key and the array of its elements
        stream.flush();
        return out.toByteArray();
      }
    }
    Object read = read(out.toByteArray());
    out.reset();
    try (Out stream = new Out(out)) {
      stream.writeObject(read);
    }
    return out.toByteArray();
  }

  @SuppressWarnings("BanSerializableRead") // bytes of this class, and guarded by the filter
  private Object read(byte[] bytes) throws IOException, ClassNotFoundException {
    try (In stream = new In(bytes)) {
      stream.setObjectInputFilter(filter);
      return stream.readObject();
    }
  }

  /** Writes equal parts of the JDK's plain classes once, and counts the others. */
  private static final class Out extends ObjectOutputStream {
    private final Map<Object, Object> plain = new HashMap<>();
    private int others;

    Out(OutputStream out) throws IOException {
      super(out);
      enableReplaceObject(true);
    }

    @Override
    protected Object replaceObject(Object part) {
      if (isPlain(part)) {
        Object first = plain.putIfAbsent(part, part);
        return first == null ? part : first;
      }
      others++;
      return part;
    }

    private static boolean isPlain(Object part) {
      return switch (part) {
        case String text -> true;
        case Integer number -> true;
        case Long number -> true;
        case Short number -> true;
        case Byte number -> true;
        case Double number -> true;
        case Float number -> true;
        case Boolean truth -> true;
        case Character character -> true;
        case UUID id -> true;
        default -> false;
      };
    }
  }

  /**
   * A part by its class and content.
   *
   * @param type the class
   * @param content the part itself
   */
  private record Part(Class<?> type, Object content) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Part part
          && type == part.type
          && Objects.deepEquals(content, part.content);
    }

    @Override
    public int hashCode() {
      return Arrays.deepHashCode(new Object[] {content});
    }
  }

  /** Reads one object for equal parts. */
  private final class In extends ObjectInputStream {
    private final Map<Part, Object> parts = new HashMap<>();

    In(byte[] bytes) throws IOException {
      super(new ByteArrayInputStream(bytes));
      enableResolveObject(true);
    }

    @Override
    protected Object resolveObject(Object part) {
      try {
        Object first = parts.putIfAbsent(new Part(part.getClass(), part), part);
        return first == null ? part : first;
      } catch (RuntimeException e) { // its hashCode uses an object that is not read yet, in a cycle
        return part;
      }
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
