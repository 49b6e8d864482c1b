package dev.carafe.springboot;

import dev.carafe.UnreadableValueException;
import dev.carafe.codecs.JavaCodec;
import dev.carafe.spi.ArrayCodec;
import dev.carafe.spi.CanonicalSerialization;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keys of any serializable class. The last byte has the form of the others: the form of strings,
 * numbers and UUIDs is short, and other keys are serialized by {@link CanonicalSerialization}.
 *
 * <p>A key with a class that the filter rejects is rejected when it is encoded.
 */
final class AnyKeyCodec implements ArrayCodec<Object> {
  private static final byte SERIAL = 0;
  private static final byte UTF8 = 1;
  private static final byte INT64 = 2;
  private static final byte INT32 = 3;
  private static final byte UUID_BYTES = 4;

  private final JavaCodec<Serializable> serial;
  private final CanonicalSerialization canonical;

  AnyKeyCodec(ObjectInputFilter filter, @Nullable ClassLoader loader) {
    this.serial = new JavaCodec<>(Serializable.class, filter, loader);
    this.canonical = new CanonicalSerialization(filter, () -> loader);
  }

  @Override
  public String fingerprint() {
    return "spring-key/1";
  }

  @Override
  public byte[] toArray(Object key) {
    return switch (key) {
      case String text when isWellFormed(text) ->
          marked(text.getBytes(StandardCharsets.UTF_8), UTF8);
      case Long number -> ByteBuffer.allocate(Long.BYTES + 1).putLong(number).put(INT64).array();
      case Integer number ->
          ByteBuffer.allocate(Integer.BYTES + 1).putInt(number).put(INT32).array();
      case UUID id ->
          ByteBuffer.allocate(2 * Long.BYTES + 1)
              .putLong(id.getMostSignificantBits())
              .putLong(id.getLeastSignificantBits())
              .put(UUID_BYTES)
              .array();
      case Serializable other -> marked(serialized(other), SERIAL);
      default ->
          throw new IllegalArgumentException(
              "a key of "
                  + key.getClass().getName()
                  + " can't be cached: implement java.io.Serializable, name another key in"
                  + " @Cacheable(key = …), or set carafe.caches.NAME.key-codec");
    };
  }

  private byte[] serialized(Serializable key) {
    try {
      return canonical.bytes(key, type -> {});
    } catch (IOException | ClassNotFoundException e) {
      throw refusal(key, e);
    }
  }

  /** Says which class the filter rejects, or which part is not serializable. */
  private IllegalArgumentException refusal(Serializable key, Exception cause) {
    try {
      var _ = serial.toArray(key);
    } catch (IllegalArgumentException e) {
      return SerialFilters.hint(e);
    } catch (UncheckedIOException e) {
      // The cause says it.
    }
    return new IllegalArgumentException(
        "a key of " + key.getClass().getName() + " can't be serialized: " + cause, cause);
  }

  private static byte[] marked(byte[] bytes, byte form) {
    return ByteBuffer.allocate(bytes.length + 1).put(bytes).put(form).array();
  }

  /** Whether UTF-8 has each of its characters: no half of a surrogate pair stands alone. */
  private static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        int point = text.codePointAt(i);
        if (!Character.isSupplementaryCodePoint(point)) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  @Override
  public Object decode(MemorySegment source) {
    byte[] bytes = source.toArray(ValueLayout.JAVA_BYTE);
    int last = bytes.length - 1;
    int form = last < 0 ? -1 : bytes[last];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    if (form == SERIAL) {
      return serial.decode(source.asSlice(0, last));
    } else if (form == UTF8) {
      return new String(bytes, 0, last, StandardCharsets.UTF_8);
    } else if (form == INT64 && last == Long.BYTES) {
      return buffer.getLong();
    } else if (form == INT32 && last == Integer.BYTES) {
      return buffer.getInt();
    } else if (form == UUID_BYTES && last == 2 * Long.BYTES) {
      return new UUID(buffer.getLong(), buffer.getLong());
    }
    throw new UnreadableValueException(
        Object.class,
        new IllegalArgumentException(bytes.length + " bytes, of which the last is " + form));
  }
}
