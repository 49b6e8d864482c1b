package dev.carafe.codecs;

import com.esotericsoftware.kryo.kryo5.Kryo;
import com.esotericsoftware.kryo.kryo5.Registration;
import com.esotericsoftware.kryo.kryo5.Serializer;
import com.esotericsoftware.kryo.kryo5.io.Input;
import com.esotericsoftware.kryo.kryo5.io.Output;
import com.esotericsoftware.kryo.kryo5.serializers.DefaultSerializers;
import com.esotericsoftware.kryo.kryo5.util.DefaultClassResolver;
import com.esotericsoftware.kryo.kryo5.util.ObjectMap;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.Date;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Notes the class of each object that a Kryo writes, also of those inside a value, until an object
 * of that class came back (contract R7). Each registered class gets a serializer that compares the
 * object's class with the one that came back, and calls the serializer of before.
 *
 * <p>Like its Kryo it belongs to one thread.
 */
final class KryoWatch {
  private final Kryo kryo;
  private final Seen seen;
  private final Map<Written, Integer> unproven = new HashMap<>();
  private final Map<Written, Integer> read = new HashMap<>();
  private boolean isReadingBack;

  /** The classes that a Kryo without required registration registers by itself. */
  private final @Nullable ObjectMap<?, ?> classes;

  private int classCount;
  private boolean readsAllBack;

  /**
   * What all threads of a codec have seen.
   *
   * @param proven classes of objects that came back
   * @param implicit classes that a Kryo without required registration registered by itself
   */
  record Seen(Set<Written> proven, Set<Class<?>> implicit) {
    Seen() {
      this(ConcurrentHashMap.newKeySet(), ConcurrentHashMap.newKeySet());
    }
  }

  /**
   * A class of objects.
   *
   * @param registered the class whose serializer wrote it
   */
  record Written(Class<?> registered, Class<?> actual) {
    static Written of(Class<?> registered, Object value) {
      return new Written(registered, DeclaredType.kind(value));
    }
  }

  private KryoWatch(Kryo kryo, Seen seen) {
    this.kryo = kryo;
    this.seen = seen;
    this.classes = kryo.isRegistrationRequired() ? null : classes(kryo);
    this.readsAllBack = isOpen() && classes == null;
    for (int id = 0; id < kryo.getNextRegistrationId(); id++) {
      Registration registered = kryo.getRegistration(id);
      if (registered != null) {
        watch(registered);
      }
    }
    if (classes != null) {
      for (Class<?> type : seen.implicit) {
        watch(kryo.getRegistration(type));
      }
      classCount = classes.size;
    }
  }

  /**
   * The watch of a Kryo: the one that it has, or a new one.
   *
   * @param seen by all threads
   */
  static KryoWatch of(Kryo kryo, Seen seen) {
    @SuppressWarnings("unchecked")
    ObjectMap<Object, Object> context = kryo.getContext();
    if (context.get(KryoWatch.class) instanceof KryoWatch known) {
      known.readsAllBack |= known.isOpen(); // fields may keep serializers that are not watched
      return known;
    }
    KryoWatch watch = new KryoWatch(kryo, seen);
    context.put(KryoWatch.class, watch);
    return watch;
  }

  /** The serializer of a class as the application gave it. */
  static Serializer<?> original(Registration registered) {
    Serializer<?> serializer = registered.getSerializer();
    return serializer instanceof Watched watched ? watched.serializer : serializer;
  }

  private static @Nullable ObjectMap<?, ?> classes(Kryo kryo) {
    if (!(kryo.getClassResolver() instanceof DefaultClassResolver resolver)) {
      return null;
    }
    try {
      Field field = DefaultClassResolver.class.getDeclaredField("classToRegistration");
      field.setAccessible(true);
      return (ObjectMap<?, ?>) field.get(resolver);
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      return null;
    }
  }

  private void watch(Registration registered) {
    Class<?> type = registered.getType();
    boolean isPlain = // always comes back
        registered.getSerializer().getClass().getEnclosingClass() == DefaultSerializers.class
            && Modifier.isFinal(type.getModifiers())
            && !mayBeCut(type)
            && (type.isPrimitive() || type.getName().startsWith("java."));
    if (!isPlain && !(registered.getSerializer() instanceof Watched)) {
      registered.setSerializer(new Watched(registered));
    }
  }

  /** Whether Kryo's serializer may omit a part: the script of a locale, nanoseconds of a date. */
  private static boolean mayBeCut(Class<?> type) {
    return type == Locale.class || Date.class.isAssignableFrom(type);
  }

  boolean isOpen() {
    return !kryo.isRegistrationRequired();
  }

  /** Before a value is written. */
  void begin() {
    unproven.clear();
  }

  /**
   * Returns whether the Kryo has registered classes by itself. Their serializers are not watched,
   * and fields may keep them: the value must be written by another Kryo, whose watch knows them.
   */
  boolean hasNew() {
    if (classes == null || classes.size == classCount) {
      return false;
    }
    for (Object each : classes.values()) {
      if (each instanceof Registration registered
          && registered.getId() == DefaultClassResolver.NAME) {
        seen.implicit.add(registered.getType());
      }
    }
    classCount = classes.size;
    return true;
  }

  /** Returns whether all objects of the value that was written are of classes that came back. */
  boolean isProven() {
    return unproven.isEmpty() && !readsAllBack;
  }

  /** Before the value is read back. */
  void beginReadBack() {
    read.clear();
    isReadingBack = true;
  }

  /** The first class that did not come back, or null, from which on all count as proven. */
  @Nullable Class<?> lost() {
    for (Map.Entry<Written, Integer> entry : unproven.entrySet()) {
      if (!entry.getValue().equals(read.get(entry.getKey()))) {
        return entry.getKey().actual();
      }
    }
    seen.proven.addAll(unproven.keySet());
    return null;
  }

  void endReadBack() {
    isReadingBack = false;
  }

  private final class Watched extends Serializer<Object> {
    private final Class<?> type;
    private final Serializer<Object> serializer;
    private boolean isProven;

    @SuppressWarnings("unchecked")
    Watched(Registration registered) {
      super(registered.getSerializer().getAcceptsNull(), registered.getSerializer().isImmutable());
      this.type = registered.getType();
      this.serializer = registered.getSerializer();
    }

    @Override
    public void write(Kryo writer, Output output, @Nullable Object value) {
      if (value != null && !(isProven && value.getClass() == type)) {
        note(value);
      }
      if (value != null && mayBeCut(type)) {
        requireWhole(writer, value);
      }
      serializer.write(writer, output, value);
    }

    private void requireWhole(Kryo writer, Object value) {
      Output bytes = new Output(64, -1);
      serializer.write(writer, bytes, value);
      Object read = serializer.read(writer, new Input(bytes.toBytes()), value.getClass());
      if (!value.equals(read)) {
        throw new IllegalArgumentException(
            type.getName()
                + " "
                + value
                + " comes back as "
                + read
                + ": register a serializer that"
                + " writes all of it");
      }
    }

    private void note(Object value) {
      Written written = Written.of(type, value);
      if (!seen.proven.contains(written)) {
        unproven.merge(written, 1, Integer::sum);
      } else if (value.getClass() == type) {
        isProven = true;
      }
    }

    @Override
    public Object read(Kryo reader, Input input, Class<?> actual) {
      Object value = serializer.read(reader, input, actual);
      if (isReadingBack && value != null) {
        read.merge(Written.of(type, value), 1, Integer::sum);
      }
      return value;
    }

    @Override
    public Object copy(Kryo copier, Object value) {
      return serializer.copy(copier, value);
    }
  }
}
