package dev.carafe.codecs;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The fields of objects that {@link JsonReadBack} compares: those of an application's class and its
 * superclasses that are neither static, transient, {@code @JsonIgnore} nor in a module that does
 * not open its package. A class of the JDK and an enum have none: they are compared by {@code
 * equals}.
 */
final class JsonFields {
  private final ClassValue<List<Of>> fields =
      new ClassValue<>() {
        @Override
        protected List<Of> computeValue(Class<?> type) {
          return find(type);
        }
      };
  private final Function<Type, JsonType> types;

  /**
   * The fields as one version of Jackson sees them.
   *
   * @param types resolves their declared types
   */
  JsonFields(Function<Type, JsonType> types) {
    this.types = types;
  }

  /** Where a type is declared: the value itself, or a field; or an element of what is there. */
  record Place(@Nullable Field field, JsonType declared) {
    Place content() {
      return new Place(field, declared.content());
    }

    Place key() {
      return new Place(field, declared.key());
    }
  }

  /**
   * A field.
   *
   * @param canVary whether its object, or what that refers to, can be of several classes
   */
  record Of(Field field, Place place, boolean canVary) {
    String name() {
      return field.getDeclaringClass().getName() + "." + field.getName();
    }

    boolean isPrimitive() {
      return field.getType().isPrimitive();
    }

    @Nullable Object get(Object owner) {
      try {
        return field.get(owner);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e); // it was made accessible
      }
    }
  }

  List<Of> of(Class<?> type) {
    return fields.get(type);
  }

  private List<Of> find(Class<?> type) {
    List<Of> found = new ArrayList<>();
    for (Class<?> at = type; at != null && !isLeaf(at); at = at.getSuperclass()) {
      for (Field field : at.getDeclaredFields()) {
        int not = Modifier.STATIC | Modifier.TRANSIENT;
        if ((field.getModifiers() & not) == 0
            && !field.isAnnotationPresent(JsonIgnore.class)
            && open(field)) {
          Place place = new Place(field, types.apply(field.getGenericType()));
          found.add(new Of(field, place, canVary(field.getType())));
        }
      }
    }
    return List.copyOf(found);
  }

  private static boolean isLeaf(Class<?> type) {
    return type.isArray()
        || Enum.class.isAssignableFrom(type)
        || type.getName().startsWith("java.")
        || type.getName().startsWith("javax.");
  }

  private static boolean open(Field field) {
    try {
      field.setAccessible(true);
      return true;
    } catch (InaccessibleObjectException e) {
      return false;
    }
  }

  private static boolean canVary(Class<?> type) {
    return !type.isPrimitive()
        && !(Modifier.isFinal(type.getModifiers()) && type.getName().startsWith("java.lang."));
  }

  /** Whether objects of this class are equal to others than themselves. */
  static boolean definesEquals(Class<?> type) {
    try {
      return type.isArray()
          || type.getMethod("equals", Object.class).getDeclaringClass() != Object.class;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  static boolean areEqual(Object one, Object other) {
    return definesEquals(one.getClass()) && one.equals(other);
  }
}
