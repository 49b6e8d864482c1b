package dev.carafe.jcache;

import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;
import javax.cache.CacheException;
import org.jspecify.annotations.Nullable;

/**
 * Java serialization, which JSR-107 takes for granted where nothing else is said: keys and values
 * are copied by it. Classes are those of the cache manager's loader.
 */
final class SerialCodec<T> implements ArrayCodec<T> {
  private final Supplier<@Nullable ClassLoader> loader;
  private final @Nullable ObjectInputFilter filter;

  SerialCodec(Supplier<@Nullable ClassLoader> loader, @Nullable ObjectInputFilter filter) {
    this.loader = loader;
    this.filter = filter;
  }

  @Override
  public byte[] toArray(T value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new CacheException("can't be serialized: " + value.getClass().getName(), e);
    }
    return bytes.toByteArray();
  }

  @Override
  @SuppressWarnings({"unchecked", "BanSerializableRead"}) // of bytes that this cache wrote
  public T decode(MemorySegment source) {
    byte[] bytes = source.toArray(ValueLayout.JAVA_BYTE);
    try (ObjectInputStream in = new In(new ByteArrayInputStream(bytes), loader.get())) {
      if (filter != null) {
        in.setObjectInputFilter(filter);
      }
      return (T) in.readObject();
    } catch (IOException | ClassNotFoundException | RuntimeException e) {
      throw new UnreadableValueException(Serializable.class, e);
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
        return super.resolveClass(type); // primitives, and what only this library's loader has
      }
    }
  }
}
