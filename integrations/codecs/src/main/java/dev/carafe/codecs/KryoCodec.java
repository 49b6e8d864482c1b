package dev.carafe.codecs;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.Registration;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import com.esotericsoftware.kryo.kryo5.serializers.FieldSerializer;
import com.esotericsoftware.kryo.kryo5.serializers.RecordSerializer;
import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * Encodes values by Kryo 5. A Kryo is not thread-safe, so each thread has its own.
 *
 * <p>Each encoded value has the registration number of its class, so a value of a subclass or of an
 * implementation of a sealed interface is decoded as the same class. {@code put} rejects a class
 * that is not registered with an {@link IllegalArgumentException}, unless the Kryo does not require
 * registration.
 *
 * <p>{@code put} also rejects a value with an object of a class that Kryo can't decode as that
 * class, for example because it has no constructor without parameters. The codec reads back the
 * first value that contains an object of a class. To detect these objects, it wraps the serializer
 * of each registered class. It does not detect objects that a serializer writes itself or by an
 * unregistered serializer; these are read back only with the first value.
 *
 * <p>Kryo's serializers omit the script of a {@link java.util.Locale} and the nanoseconds of a
 * {@code java.sql.Timestamp}. {@code put} rejects a value with such an object, unless a serializer
 * that writes all of it is registered.
 *
 * <p>Kryo's default serializers identify fields only by their order, and would read old bytes into
 * the wrong fields of a changed class or record. Therefore each encoded value begins with a stamp
 * of four bytes: a checksum over the registered classes with such serializers, and their fields. A
 * value with another stamp is a miss. To add and remove fields between two runs, set {@code
 * CompatibleFieldSerializer} as the default. It does not detect a changed type of a field, so types
 * must not change.
 *
 * @param <T> values
 */
@SuppressWarnings("exports") // a program that uses it requires the module of Kryo
public final class KryoCodec<T> implements ArrayCodec<T> {
  private static final int FIRST_BYTES = 256;

  private final Class<T> type;
  private final ThreadLocal<Stamped> kryo;

  private final KryoWatch.Seen seen = new KryoWatch.Seen();

  private record Stamped(Kryo kryo, int stamp, KryoWatch watch) {}

  /**
   * Creates a codec.
   *
   * @param type the type of the values
   * @param kryos creates a Kryo with all classes registered, in the same order each time
   */
  public KryoCodec(Class<T> type, Supplier<Kryo> kryos) {
    this.type = type;
    this.kryo = ThreadLocal.withInitial(() -> stamped(kryos.get()));
  }

  private Stamped stamped(Kryo made) {
    CRC32C shape = new CRC32C();
    for (int id = 0; id < made.getNextRegistrationId(); id++) {
      Registration registered = made.getRegistration(id);
      if (registered != null) {
        addByOrder(shape, registered);
      }
    }
    return new Stamped(made, (int) shape.getValue(), KryoWatch.of(made, seen));
  }

  private static void addByOrder(CRC32C shape, Registration registered) {
    Class<?> type = registered.getType();
    Serializer<?> serializer = KryoWatch.original(registered);
    String name = registered.getId() + type.getName();
    if (serializer instanceof RecordSerializer) {
      add(shape, name);
      for (RecordComponent component : type.getRecordComponents()) {
        add(shape, component.getName() + ' ' + component.getGenericType().getTypeName());
      }
    } else if (serializer.getClass() == FieldSerializer.class
        && serializer instanceof FieldSerializer<?> byFields) {
      add(shape, name);
      for (var field : byFields.getFields()) {
        add(shape, field.getName() + ' ' + field.getField().getGenericType().getTypeName());
      }
    }
  }

  private static void add(CRC32C shape, String word) {
    shape.update((word + '\n').getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String fingerprint() {
    return "kryo/2 " + type.getName();
  }

  @Override
  public byte[] toArray(T value) {
    DeclaredType.check(type, value);
    Stamped mine = kryo.get();
    boolean isDone = false;
    try {
      byte[] bytes = written(mine, value);
      while (mine.watch.hasNew()) {
        kryo.remove();
        mine = kryo.get();
        bytes = written(mine, value);
      }
      if (!mine.watch.isProven()) {
        readBack(mine, value, bytes);
      }
      isDone = true;
      return bytes;
    } finally {
      if (!isDone) {
        failed(mine);
      }
    }
  }

  private byte[] written(Stamped mine, T value) {
    Output output = new Output(FIRST_BYTES, -1);
    output.writeInt(mine.stamp);
    mine.watch.begin();
    try {
      mine.kryo.writeClassAndObject(output, value);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "Kryo can't write a value of " + value.getClass().getName() + ": " + e.getMessage(), e);
    }
    return output.toBytes();
  }

  /** Rejects objects that Kryo writes but can't read, such as those without a constructor. */
  private void readBack(Stamped mine, T value, byte[] bytes) {
    String name = value.getClass().getName();
    T read;
    mine.watch.beginReadBack();
    try {
      read = decode(MemorySegment.ofArray(bytes));
    } catch (UnreadableValueException e) {
      throw new IllegalArgumentException(
          "Kryo can't read back what it wrote of " + name + ": " + e.getCause(), e);
    } finally {
      mine.watch.endReadBack();
    }
    Class<?> lost = DeclaredType.isSameKind(value, read) ? mine.watch.lost() : value.getClass();
    if (lost != null) {
      throw new IllegalArgumentException(
          "Kryo reads another class than it wrote of "
              + name
              + (lost == value.getClass() ? "" : ", in the place of " + lost.getName()));
    }
  }

  /** Resets a Kryo after a failure, so that its state does not affect the next value. */
  private void failed(Stamped mine) {
    mine.kryo.reset();
    if (mine.watch.isOpen()) {
      kryo.remove(); // it may have registered classes by itself that are not watched
    }
  }

  @Override
  public T decode(MemorySegment source) {
    Stamped mine = kryo.get();
    boolean isDone = false;
    try {
      T read = read(mine, new Input(source.toArray(ValueLayout.JAVA_BYTE)));
      isDone = true;
      return read;
    } catch (RuntimeException e) {
      throw new UnreadableValueException(type, e);
    } finally {
      if (!isDone) {
        failed(mine);
      }
    }
  }

  private T read(Stamped mine, Input input) {
    if (input.readInt() != mine.stamp) {
      throw new IllegalArgumentException("written with other fields, or classes, than there are");
    }
    return DeclaredType.cast(type, mine.kryo.readClassAndObject(input));
  }
}
