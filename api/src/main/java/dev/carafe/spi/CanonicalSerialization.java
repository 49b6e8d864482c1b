package dev.carafe.spi;

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
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Java serialization of keys: equal keys have equal bytes. A plain stream writes an object that
 * occurs twice as a reference to its first occurrence, and two equal objects in full: the bytes of
 * {@code (s, s)} and {@code (s, copy of s)} differ. Here, the second of two equal parts is always a
 * reference. To find them, a key with several parts is read back, with one object for equal parts,
 * and written again.
 *
 * <p>A hash set or map, or one of {@code Set.of} or {@code Map.of}, iterates in an order that
 * depends on its history or on the JVM. It is written as a linked one, down to {@value #MAX_NESTED}
 * sets and maps in one another: plain elements of one class, such as strings, in their natural
 * order, others in the order of their bytes.
 *
 * <p>An object of another class, such as a {@code List.of} beside an equal {@code ArrayList}, has
 * other bytes. Thread-safe.
 */
public final class CanonicalSerialization {
  private static final int MAX_NESTED = 4;

  /** What the collections of {@code List.of}, {@code Set.of} and {@code Map.of} are written as. */
  private static final String IMMUTABLE = "java.util.CollSer";

  private final @Nullable ObjectInputFilter filter;
  private final Supplier<@Nullable ClassLoader> loader;

  /**
   * Creates a serialization.
   *
   * @param filter the classes that may be read; null for all
   * @param loader resolves the classes of keys
   */
  public CanonicalSerialization(
      @Nullable ObjectInputFilter filter, Supplier<@Nullable ClassLoader> loader) {
    this.filter = filter;
    this.loader = loader;
  }

  /**
   * Returns the bytes of a key, which a plain {@link ObjectInputStream} reads.
   *
   * @param key the key
   * @param classes is called with each class in the bytes, or more often
   * @return the bytes
   * @throws IOException if the key, or a part of it, can't be written or read
   * @throws ClassNotFoundException if the class of a part is not found
   */
  public byte[] bytes(Object key, Consumer<Class<?>> classes)
      throws IOException, ClassNotFoundException {
    return bytes(key, classes, 0);
  }

  private byte[] bytes(@Nullable Object key, Consumer<Class<?>> classes, int nested)
      throws IOException, ClassNotFoundException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Out stream = new Out(out, classes, nested)) {
      stream.writeObject(key);
      if (stream.hasNoEqualParts()) {
        stream.flush();
        return out.toByteArray();
      }
    }
    Object read = read(out.toByteArray());
    out.reset();
    try (Out stream = new Out(out, classes, nested)) {
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
      if (filter != null) {
        stream.setObjectInputFilter(filter);
      }
      return stream.readObject();
    }
  }

  /** Writes equal parts of the JDK's plain classes once, and counts the other parts. */
  private final class Out extends ClassReportingOutputStream {
    private final Map<Object, Object> plain = new HashMap<>();
    private final IdentityHashMap<Object, Object> ordered = new IdentityHashMap<>();
    private final int nested;
    private int objects;
    private int arrays;
    private int collections;

    Out(OutputStream out, Consumer<Class<?>> classes, int nested) throws IOException {
      super(out, classes);
      this.nested = nested;
      enableReplaceObject(true);
    }

    @Override
    protected Object replaceObject(Object part) throws IOException {
      if (isPlain(part)) {
        Object first = plain.putIfAbsent(part, part);
        return first == null ? part : first;
      }
      if (isHashed(part)) {
        collections++;
        return nested < MAX_NESTED ? inOrder(part) : part;
      }
      if (part.getClass().isArray()) {
        arrays++;
      } else {
        objects++;
      }
      return part;
    }

    /** Whether there are so few parts that no two of them can be equal. */
    boolean hasNoEqualParts() {
      return objects <= 1 && arrays <= 1 && collections <= 1;
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
      if (areOfOnePlainClass(elements)) {
        return new TreeSet<Object>(elements); // takes less time than their bytes
      }
      TreeMap<byte[], Object> byBytes = new TreeMap<>(Arrays::compare);
      for (Object element : elements) {
        try {
          byBytes.put(bytes(element, type -> {}, nested + 1), element);
        } catch (ClassNotFoundException e) {
          throw new IOException(e);
        }
      }
      return byBytes.size() == elements.size() ? byBytes.values() : elements;
    }

    private static boolean areOfOnePlainClass(Set<?> elements) {
      Class<?> type = null;
      for (Object element : elements) {
        if (element == null || !isPlain(element) || (type != null && type != element.getClass())) {
          return false;
        }
        type = element.getClass();
      }
      return true;
    }

    /** Whether it is of a class whose objects have an order, and nothing that may be shared. */
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
        return Class.forName(described.getName(), false, loader.get());
      } catch (ClassNotFoundException e) {
        return super.resolveClass(described); // primitives
      }
    }
  }
}
