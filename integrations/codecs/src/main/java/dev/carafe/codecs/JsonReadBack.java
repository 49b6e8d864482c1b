package dev.carafe.codecs;

import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.type.TypeFactory;

/**
 * Rejects values that come back from their JSON as something else, or not at all (contract R7). The
 * first value of each class is read back when it is encoded; so is the first element of each class
 * in a collection, map, array or {@code Optional}. Fields of objects are not compared.
 */
final class JsonReadBack {
  private final JavaType type;
  private final ObjectReader reader;
  private final Set<Position> proven = ConcurrentHashMap.newKeySet();

  /** A class of values where a type is declared. */
  private record Position(JavaType declared, Class<?> actual) {}

  JsonReadBack(JavaType type, ObjectReader reader) {
    this.type = type;
    this.reader = reader;
  }

  /** Rejects a value whose JSON can't be read back as the same classes. */
  void check(Object value, byte[] json) {
    if (isProven(type, value)) {
      return;
    }
    Object read;
    try {
      read = reader.readValue(json);
    } catch (RuntimeException e) {
      throw rejected(value, "can't be read", e);
    }
    String difference = difference(type, value, read);
    if (difference != null) {
      throw rejected(value, difference, null);
    }
    prove(type, value);
  }

  private boolean isProven(JavaType declared, @Nullable Object value) {
    if (value == null) {
      return true;
    }
    if (!proven.contains(new Position(declared, value.getClass()))) {
      return false;
    }
    if (value instanceof Map<?, ?> map) {
      return areProven(key(declared), map.keySet()) && areProven(content(declared), map.values());
    }
    Collection<?> elements = elements(value);
    return elements == null || areProven(content(declared), elements);
  }

  private boolean areProven(JavaType declared, Collection<?> values) {
    for (Object value : values) {
      if (!isProven(declared, value)) {
        return false;
      }
    }
    return true;
  }

  private void prove(JavaType declared, @Nullable Object value) {
    if (value == null) {
      return;
    }
    // which class of number JSON gives for a Number or an Object depends on the number
    if (!(value instanceof Number)
        || DeclaredType.wrapped(declared.getRawClass()) == value.getClass()) {
      proven.add(new Position(declared, value.getClass()));
    }
    if (value instanceof Map<?, ?> map) {
      map.keySet().forEach(key -> prove(key(declared), key));
    }
    Collection<?> elements = elements(value);
    if (elements != null) {
      elements.forEach(element -> prove(content(declared), element));
    }
  }

  private static @Nullable String difference(
      JavaType declared, @Nullable Object value, @Nullable Object read) {
    if (value == null && read == null) {
      return null;
    }
    if (value == null || read == null || kind(declared, value) != kind(declared, read)) {
      return "comes back with " + name(read) + " in the place of " + name(value);
    }
    if (value instanceof Set) { // in no order
      return value.equals(read) ? null : "comes back as a set that is not equal";
    }
    if (value instanceof Map<?, ?> map) {
      return differenceOfMaps(declared, map, (Map<?, ?>) read);
    }
    Collection<?> elements = elements(value);
    return elements == null
        ? null
        : differenceOfLists(declared, elements, Objects.requireNonNull(elements(read)));
  }

  private static @Nullable String differenceOfMaps(
      JavaType declared, Map<?, ?> value, Map<?, ?> read) {
    if (!value.keySet().equals(read.keySet())) {
      return "comes back with other keys";
    }
    for (Map.Entry<?, ?> entry : value.entrySet()) {
      String found = difference(content(declared), entry.getValue(), read.get(entry.getKey()));
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable String differenceOfLists(
      JavaType declared, Collection<?> value, Collection<?> read) {
    if (value.size() != read.size()) {
      return "comes back with " + read.size() + " elements";
    }
    Iterator<?> others = read.iterator();
    for (Object element : value) {
      String found = difference(content(declared), element, others.next());
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** The class; for a list, set or map that is declared as no class of its own, its interface. */
  private static Class<?> kind(JavaType declared, Object value) {
    Class<?> raw = declared.getRawClass();
    if (raw.isInterface() || raw == Object.class) {
      return switch (value) {
        case List<?> list -> List.class;
        case Set<?> set -> Set.class;
        case Map<?, ?> map -> Map.class;
        default -> value.getClass();
      };
    }
    return value.getClass();
  }

  /** What is in a container, or null for what is none. */
  private static @Nullable Collection<?> elements(Object value) {
    return switch (value) {
      case Collection<?> collection -> collection;
      case Map<?, ?> map -> map.values();
      case Object[] array -> Arrays.asList(array);
      case Optional<?> optional -> optional.stream().toList();
      default -> null;
    };
  }

  private static JavaType content(JavaType declared) {
    JavaType content = declared.getContentType();
    return content == null ? TypeFactory.unknownType() : content;
  }

  private static JavaType key(JavaType declared) {
    JavaType key = declared.getKeyType();
    return key == null ? TypeFactory.unknownType() : key;
  }

  private IllegalArgumentException rejected(
      Object value, String how, @Nullable RuntimeException cause) {
    return new IllegalArgumentException(
        "the JSON of "
            + name(value)
            + ", read as "
            + type.toCanonical()
            + ", "
            + how
            + ": annotate abstract types and types with subclasses with @JsonTypeInfo and"
            + " @JsonSubTypes, or declare the values' own class",
        cause);
  }

  private static String name(@Nullable Object value) {
    return value == null ? "null" : value.getClass().getName();
  }
}
