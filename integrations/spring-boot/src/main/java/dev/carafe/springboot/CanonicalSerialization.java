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
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.interceptor.SimpleKey;

/**
 * Java serialization of keys: equal keys have equal bytes. A plain stream writes an object that
 * occurs twice as a reference to its first occurrence, and two equal objects in full: the bytes of
 * {@code (s, s)} and {@code (s, copy of s)} differ. Here, the second of two equal parts is always a
 * reference. To find them, the key is read back, with one object for equal parts, and written
 * again.
 *
 * <p>A hash set or map, or one of {@code Set.of} or {@code Map.of}, iterates in an order that
 * depends on its history or on the JVM. It is written as a linked one, in the order of the bytes of
 * its elements, down to {@value #MAX_NESTED} sets and maps in one another. Thread-safe.
 */
final class CanonicalSerialization {
  private static final int MAX_NESTED = 4;

  /** What the collections of {@code List.of}, {@code Set.of} and {@code Map.of} are written as. */
  private static final String IMMUTABLE = "java.util.CollSer";

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
    return bytes(key, 0);
  }

  private byte[] bytes(@Nullable Object key, int nested)
      throws IOException, ClassNotFoundException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Out stream = new Out(out, nested)) {
      stream.writeObject(key);
      if (key instanceof SimpleKey && stream.others <= 2) { // the key and the array of its elements
        stream.flush();
        return out.toByteArray();
      }
    }
    Object read = read(out.toByteArray());
    out.reset();
    try (Out stream = new Out(out, nested)) {
      stream.writeObject(read);
    }
    return out.toByteArray();
  }

  private Object readBack(byte[] bytes) throws IOException {
    try {
      return read(bytes);
    } catch (ClassNotFoundException e) {
      throw new IOException(e);
    }
  }

  @SuppressWarnings("BanSerializableRead") // bytes of this class, and guarded by the filter
  private Object read(byte[] bytes) throws IOException, ClassNotFoundException {
    try (In stream = new In(bytes)) {
      stream.setObjectInputFilter(filter);
      return stream.readObject();
    }
  }

  /** Writes equal parts of the JDK's plain classes once, and counts the others. */
  private final class Out extends ObjectOutputStream {
    private final Map<Object, Object> plain = new HashMap<>();
    private final IdentityHashMap<Object, Object> ordered = new IdentityHashMap<>();
    private final int nested;
    private int others;

    Out(OutputStream out, int nested) throws IOException {
      super(out);
      this.nested = nested;
      enableReplaceObject(true);
    }

    @Override
    protected Object replaceObject(Object part) throws IOException {
      if (isPlain(part)) {
        Object first = plain.putIfAbsent(part, part);
        return first == null ? part : first;
      }
      others++;
      return nested < MAX_NESTED && isHashed(part) ? inOrder(part) : part;
    }

    private static boolean isHashed(Object part) {
      Class<?> type = part.getClass();
      return type == HashSet.class
          || type == LinkedHashSet.class
          || type == HashMap.class
          || type == LinkedHashMap.class
          || type.getName().equals(IMMUTABLE);
    }

    /** Returns a linked set or map with the same elements, in the order of their bytes. */
    private Object inOrder(Object part) throws IOException {
      Object before = ordered.get(part);
      if (before != null) {
        return before;
      }
      Object changed =
          switch (part instanceof Set || part instanceof Map ? part : copy(part)) {
            case Set<?> set -> new LinkedHashSet<Object>(inOrder(set));
            case Map<?, ?> map -> {
              Map<Object, @Nullable Object> linked = LinkedHashMap.newLinkedHashMap(map.size());
              inOrder(map.keySet()).forEach(key -> linked.put(key, map.get(key)));
              yield linked;
            }
            default -> part;
          };
      ordered.put(part, changed);
      ordered.put(changed, changed);
      return changed;
    }

    /** Reads what a collection of {@code Set.of} was replaced by, which yields the collection. */
    private Object copy(Object replacement) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ObjectOutputStream stream = new ObjectOutputStream(bytes)) {
        stream.writeObject(replacement);
      }
      return readBack(bytes.toByteArray());
    }

    private Collection<?> inOrder(Set<?> elements) throws IOException {
      TreeMap<byte[], Object> byBytes = new TreeMap<>(Arrays::compare);
      for (Object element : elements) {
        try {
          byBytes.put(bytes(element, nested + 1), element);
        } catch (ClassNotFoundException e) {
          throw new IOException(e);
        }
      }
      return byBytes.size() == elements.size() ? byBytes.values() : elements;
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
