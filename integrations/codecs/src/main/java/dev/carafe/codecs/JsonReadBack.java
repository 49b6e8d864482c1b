package dev.carafe.codecs;

import dev.carafe.codecs.JsonFields.Place;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/**
 * Rejects values that come back from their JSON as something else, or not at all (contract R7). A
 * value is read back when it is encoded, if it has an object of a class that was not yet read back
 * in the same place: the value itself, a field, or an element of a collection, map, array or {@code
 * Optional}. The two graphs of objects must then have the same classes and equal leaves.
 */
final class JsonReadBack {
  private final JavaType type;
  private final ObjectReader reader;
  private final Set<Position> proven = ConcurrentHashMap.newKeySet();

  /** A class of objects in a place. */
  private record Position(Place place, Class<?> actual) {}

  JsonReadBack(JavaType type, ObjectReader reader) {
    this.type = type;
    this.reader = reader;
  }

  /** Rejects a value whose JSON can't be read back as the same classes. */
  void check(Object value, byte[] json) {
    Place root = new Place(null, type);
    if (isProven(root, value, seen())) {
      return;
    }
    Object read;
    try {
      read = reader.readValue(json);
    } catch (RuntimeException e) {
      throw rejected(value, "can't be read", e);
    }
    String difference = difference(root, value, read, seen());
    if (difference != null) {
      throw rejected(value, difference, null);
    }
    prove(root, value, seen());
  }

  private static Set<Object> seen() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  private boolean isProven(Place place, @Nullable Object value, Set<Object> seen) {
    if (value == null) {
      return true;
    }
    if (!proven.contains(new Position(place, value.getClass()))) {
      return false;
    }
    if (value instanceof Map<?, ?> map) {
      return areProven(place.key(), map.keySet(), seen)
          && areProven(place.content(), map.values(), seen);
    }
    Collection<?> elements = elements(value);
    if (elements != null) {
      return areProven(place.content(), elements, seen);
    }
    List<JsonFields.Of> fields = JsonFields.of(value.getClass());
    if (!fields.isEmpty() && seen.add(value)) {
      for (JsonFields.Of each : fields) {
        if (each.canVary() && !isProven(each.place(), each.get(value), seen)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean areProven(Place place, Collection<?> values, Set<Object> seen) {
    for (Object value : values) {
      if (!isProven(place, value, seen)) {
        return false;
      }
    }
    return true;
  }

  private void prove(Place place, @Nullable Object value, Set<Object> seen) {
    if (value == null) {
      return;
    }
    // which class of number JSON gives for a Number, JsonNode or Object depends on the number
    if (!(value instanceof Number || value instanceof JsonNode)
        || DeclaredType.wrapped(place.declared().getRawClass()) == value.getClass()) {
      proven.add(new Position(place, value.getClass()));
    }
    if (value instanceof Map<?, ?> map) {
      map.keySet().forEach(key -> prove(place.key(), key, seen));
    }
    Collection<?> elements = elements(value);
    if (elements != null) {
      elements.forEach(element -> prove(place.content(), element, seen));
    } else if (seen.add(value)) {
      JsonFields.of(value.getClass())
          .forEach(field -> prove(field.place(), field.get(value), seen));
    }
  }

  private static @Nullable String difference(
      Place place, @Nullable Object value, @Nullable Object read, Set<Object> seen) {
    if (value == read) {
      return null;
    }
    if (value == null || read == null || kind(place, value) != kind(place, read)) {
      return "comes back with " + name(read) + " in the place of " + name(value);
    }
    if (value instanceof Set) { // in no order
      return value.equals(read) ? null : "comes back as a set that is not equal";
    }
    if (value instanceof Map<?, ?> map) {
      return differenceOfMaps(place, map, (Map<?, ?>) read, seen);
    }
    Collection<?> elements = elements(value);
    if (elements != null) {
      return differenceOfLists(place, elements, Objects.requireNonNull(elements(read)), seen);
    }
    return differenceOfObjects(value, read, seen);
  }

  /** Two objects of one class, which are no containers. */
  private static @Nullable String differenceOfObjects(Object value, Object read, Set<Object> seen) {
    List<JsonFields.Of> fields = JsonFields.of(value.getClass());
    if (fields.isEmpty()) {
      return !JsonFields.definesEquals(value.getClass()) || Objects.deepEquals(value, read)
          ? null
          : "comes back with another " + name(value);
    }
    if (!seen.add(value)) {
      return null;
    }
    for (JsonFields.Of field : fields) {
      Object before = field.get(value);
      Object after = field.get(read);
      boolean isNull = before == null || after == null;
      boolean isLost = (isNull || field.isPrimitive()) && !Objects.equals(before, after);
      String found =
          isLost ? "comes back without its value" : difference(field.place(), before, after, seen);
      if (found != null && !(isLost && JsonFields.areEqual(value, read))) {
        return found + " in the field " + field.name();
      }
    }
    return null;
  }

  private static @Nullable String differenceOfMaps(
      Place place, Map<?, ?> value, Map<?, ?> read, Set<Object> seen) {
    if (!value.keySet().equals(read.keySet())) {
      return "comes back with other keys";
    }
    for (Map.Entry<?, ?> entry : value.entrySet()) {
      String found = difference(place.content(), entry.getValue(), read.get(entry.getKey()), seen);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable String differenceOfLists(
      Place place, Collection<?> value, Collection<?> read, Set<Object> seen) {
    if (value.size() != read.size()) {
      return "comes back with " + read.size() + " elements";
    }
    Iterator<?> others = read.iterator();
    for (Object element : value) {
      String found = difference(place.content(), element, others.next(), seen);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** The class; for a list, set or map that is declared as no class of its own, its interface. */
  private static Class<?> kind(Place place, Object value) {
    Class<?> raw = place.declared().getRawClass();
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
