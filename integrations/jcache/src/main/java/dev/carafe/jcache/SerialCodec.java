package dev.carafe.jcache;

import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import dev.carafe.spi.CanonicalSerialization;
import dev.carafe.spi.ClassReportingOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputFilter.FilterInfo;
import java.io.ObjectInputFilter.Status;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.cache.CacheException;
import org.jspecify.annotations.Nullable;

/**
 * Java serialization, the default of JSR-107 for keys and values. The class loader of the cache
 * manager resolves classes.
 *
 * <p>Encoding rejects objects that could not be decoded (contract R7). It reads back each key or
 * value that contains a class for the first time. With a filter it reads back every value, since
 * filters also limit depth and length.
 *
 * <p>Keys that are equal have equal bytes, as {@link CanonicalSerialization} says.
 */
final class SerialCodec<T> implements ArrayCodec<T> {
  private final Supplier<@Nullable ClassLoader> loader;
  private final @Nullable ObjectInputFilter filter;
  private final @Nullable CanonicalSerialization ofKeys;
  private final Set<Class<?>> proven = ConcurrentHashMap.newKeySet();

  private SerialCodec(
      Supplier<@Nullable ClassLoader> loader,
      @Nullable ObjectInputFilter filter,
      @Nullable CanonicalSerialization ofKeys) {
    this.loader = loader;
    this.filter = filter;
    this.ofKeys = ofKeys;
  }

  /** Creates a codec for keys, which are encoded at each look-up. */
  static <K> SerialCodec<K> ofKeys(
      Supplier<@Nullable ClassLoader> loader, @Nullable ObjectInputFilter filter) {
    return new SerialCodec<>(loader, filter, new CanonicalSerialization(filter, loader));
  }

  static <V> SerialCodec<V> ofValues(
      Supplier<@Nullable ClassLoader> loader, @Nullable ObjectInputFilter filter) {
    return new SerialCodec<>(loader, filter, null);
  }

  @Override
  public byte[] toArray(T value) {
    Set<Class<?>> unproven = new HashSet<>();
    note(value.getClass(), unproven); // also if writeReplace returns an object of another class
    byte[] written = ofKeys == null ? plain(value, unproven) : canonical(ofKeys, value, unproven);
    if (!unproven.isEmpty() || (ofKeys == null && filter != null)) {
      readBack(value, written);
      proven.addAll(unproven);
    }
    return written;
  }

  private byte[] canonical(CanonicalSerialization keys, T key, Set<Class<?>> unproven) {
    try {
      return keys.bytes(key, type -> note(type, unproven));
    } catch (IOException | ClassNotFoundException | RuntimeException e) {
      readBack(key, plain(key, unproven)); // says which class the filter rejects
      throw new CacheException("can't be serialized: " + key.getClass().getName(), e);
    }
  }

  private byte[] plain(T value, Set<Class<?>> unproven) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out =
        new ClassReportingOutputStream(bytes, type -> note(type, unproven))) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new CacheException("can't be serialized: " + value.getClass().getName(), e);
    }
    return bytes.toByteArray();
  }

  /** Collects the classes of which no object was read back yet. */
  private void note(Class<?> type, Set<Class<?>> unproven) {
    if (!proven.contains(type)) {
      unproven.add(type);
    }
  }

  private void readBack(T value, byte[] bytes) {
    String name = value.getClass().getName();
    List<String> rejected = new ArrayList<>();
    T read;
    try {
      read = read(bytes, filter == null ? null : info -> check(filter, info, rejected));
    } catch (IOException | ClassNotFoundException | RuntimeException e) {
      String why = rejected.isEmpty() ? e.toString() : rejected.getLast();
      throw new CacheException(name + " can't be read back: " + why, e);
    }
    if (read.getClass() != value.getClass() && !name.startsWith("java.")) {
      throw new CacheException(name + " comes back as " + read.getClass().getName());
    }
  }

  private static Status check(ObjectInputFilter filter, FilterInfo info, List<String> rejected) {
    Status status = filter.checkInput(info);
    if (status == Status.REJECTED) {
      Class<?> type = info.serialClass();
      rejected.add(
          "the serialFilter rejects "
              + (type == null ? "its size or depth" : type.getName())
              + "; allow that class in the filter, or raise the filter's limits");
    }
    return status;
  }

  @Override
  public T decode(MemorySegment source) {
    try {
      return read(source.toArray(ValueLayout.JAVA_BYTE), filter);
    } catch (IOException | ClassNotFoundException | RuntimeException e) {
      throw new UnreadableValueException(Serializable.class, e);
    }
  }

  @SuppressWarnings({"unchecked", "BanSerializableRead"}) // of bytes that this cache wrote
  private T read(byte[] bytes, @Nullable ObjectInputFilter guard)
      throws IOException, ClassNotFoundException {
    try (ObjectInputStream in = new In(new ByteArrayInputStream(bytes), loader.get())) {
      if (guard != null) {
        in.setObjectInputFilter(guard);
      }
      return (T) in.readObject();
    }
  }

  private static final class In extends ObjectInputStream {
    private final @Nullable ClassLoader loader;

    In(InputStream in, @Nullable ClassLoader loader) throws IOException {
      super(in);
      this.loader = loader;
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass type)
        throws IOException, ClassNotFoundException {
      try {
        return Class.forName(type.getName(), false, loader);
      } catch (ClassNotFoundException e) {
        return super.resolveClass(
            type); // primitives, and classes that only this library's loader has
      }
    }
  }
}
