package dev.carafe.codecs;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares a value with what its bytes were decoded as (contract R7). Two objects are the same if
 * their class defines {@code equals} and they are equal. Else their classes must be the same, and
 * their elements or fields, except transient ones. Objects of the JDK's classes without {@code
 * equals} are compared by their classes only.
 */
final class ReadBack {
  private static final ClassValue<List<Field>> FIELDS =
      new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
          return fields(type);
        }
      };

  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>(4));

  private ReadBack() {}

  /** Says what differs, or returns null. */
  static @Nullable String difference(Object value, @Nullable Object read) {
    return new ReadBack().find(value, read);
  }

  private @Nullable String find(@Nullable Object value, @Nullable Object read) {
    if (value == read || (value != null && value.getClass().isHidden())) { // a lambda
      return null;
    }
    if (value == null || read == null || !DeclaredType.isSameKind(value, read)) {
      return name(value) + " comes back as " + name(read);
    }
    if (definesEquals(value) && Objects.deepEquals(value, read)) {
      return null;
    }
    return switch (value) {
      case Map<?, ?> map -> ofMaps(map, (Map<?, ?>) read);
      case Set<?> set -> ofSets(set, (Set<?>) read);
      case Collection<?> list when read instanceof Collection<?> other -> ofLists(list, other);
      case Object[] array -> ofLists(Arrays.asList(array), Arrays.asList((Object[]) read));
      default -> ofObjects(value, read);
    };
  }

  private @Nullable String ofMaps(Map<?, ?> value, Map<?, ?> read) {
    String keys = ofSets(value.keySet(), read.keySet());
    if (keys != null || !value.keySet().stream().allMatch(ReadBack::definesEquals)) {
      return keys;
    }
    for (Map.Entry<?, ?> entry : value.entrySet()) {
      String found = find(entry.getValue(), read.get(entry.getKey()));
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Elements that are equal to themselves only are counted. */
  private static @Nullable String ofSets(Set<?> value, Set<?> read) {
    boolean isSame =
        value.stream().allMatch(ReadBack::definesEquals)
            ? value.equals(read)
            : value.size() == read.size();
    return isSame ? null : "a set or the keys of a map come back as others";
  }

  private @Nullable String ofLists(Collection<?> value, Collection<?> read) {
    if (value.size() != read.size()) {
      return value.size() + " elements come back as " + read.size();
    }
    Iterator<?> others = read.iterator();
    for (Object element : value) {
      String found = find(element, others.next());
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private @Nullable String ofObjects(Object value, Object read) {
    List<Field> fields = FIELDS.get(value.getClass());
    if (fields.isEmpty()) {
      return definesEquals(value) ? name(value) + " comes back as another" : null;
    }
    if (!seen.add(value)) {
      return null;
    }
    for (Field field : fields) {
      String found = find(get(field, value), get(field, read));
      if (found != null) {
        return found
            + " in the field "
            + field.getDeclaringClass().getName()
            + "."
            + field.getName();
      }
    }
    return null;
  }

  private static List<Field> fields(Class<?> type) {
    List<Field> found = new ArrayList<>();
    for (Class<?> at = type;
        at != null && !at.getName().startsWith("java.");
        at = at.getSuperclass()) {
      for (Field field : at.getDeclaredFields()) {
        if ((field.getModifiers() & (Modifier.STATIC | Modifier.TRANSIENT)) == 0 && isOpen(field)) {
          found.add(field);
        }
      }
    }
    return List.copyOf(found);
  }

  private static boolean isOpen(Field field) {
    try {
      field.setAccessible(true);
      return true;
    } catch (InaccessibleObjectException e) {
      return false;
    }
  }

  private static @Nullable Object get(Field field, Object owner) {
    try {
      return field.get(owner);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e); // it was made accessible
    }
  }

  private static boolean definesEquals(@Nullable Object value) {
    return value == null || DeclaredType.definesEquals(value.getClass());
  }

  private static String name(@Nullable Object value) {
    return value == null ? "null" : value.getClass().getName();
  }
}
