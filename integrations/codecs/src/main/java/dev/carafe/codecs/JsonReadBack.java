package dev.carafe.codecs;

import dev.carafe.codecs.JsonFields.Place;
import dev.carafe.codecs.JsonProven.Classes;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
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
import org.jspecify.annotations.Nullable;

/**
 * Rejects values that come back from their JSON as something else, or not at all (contract R7). A
 * value is read back when it is encoded, if it has an object of a class that was not yet read back
 * in the same place: the value itself, a field, or an element of a collection, map, array or {@code
 * Optional}. The two graphs of objects must then have the same classes and equal leaves.
 */
final class JsonReadBack {
  private static final String HINT =
      ": annotate abstract types and types with subclasses with @JsonTypeInfo and @JsonSubTypes,"
          + " or declare the values' own class";

  /** Jackson reads numbers of at most 1000 digits, and strings of at most 20 million characters. */
  private static final int ALWAYS_READ_DIGITS = 900;

  private static final int ALWAYS_READ_BYTES = 10_000_000;

  private final JsonType type;
  private final JsonFields fields;
  private final Class<?> tree;
  private final Reader reader;
  private final JsonProven proven;
  private final Place root;

  /** Reads a value of the declared type from JSON. */
  interface Reader {
    @Nullable Object read(byte[] json) throws IOException;
  }

  /**
   * The check of one codec.
   *
   * @param type the declared type of the values
   * @param fields of the same version of Jackson
   * @param tree the class of JSON trees in that version
   * @param reader reads values
   */
  JsonReadBack(JsonType type, JsonFields fields, Class<?> tree, Reader reader) {
    this.type = type;
    this.fields = fields;
    this.tree = tree;
    this.reader = reader;
    this.proven = new JsonProven(fields);
    this.root = new Place(null, type);
  }

  /** Rejects a value whose JSON can't be read back as the same classes. */
  void check(Object value, byte[] json) {
    if (json.length < ALWAYS_READ_BYTES && isProven(proven.in(root), value, seen())) {
      return;
    }
    Object read;
    try {
      read = reader.read(json);
    } catch (IOException | RuntimeException e) {
      throw rejected(value, "can't be read", e);
    }
    String difference = difference(root, value, read, seen());
    if (difference != null) {
      throw rejected(value, difference, null);
    }
    prove(proven.in(root), value, seen());
  }

  private static Set<Object> seen() {
    return Collections.newSetFromMap(new IdentityHashMap<>(4));
  }

  private boolean isProven(Classes classes, @Nullable Object value, Set<Object> seen) {
    if (value == null) {
      return true;
    }
    JsonProven.Known known = classes.get(value.getClass());
    if (known == null || isLongNumber(value)) {
      return false;
    }
    if (value instanceof Map<?, ?> map) {
      return areProven(classes.key(), map.keySet(), seen)
          && areProven(classes.content(), map.values(), seen);
    }
    Collection<?> elements = elements(value);
    if (elements != null) {
      return areProven(classes.content(), elements, seen);
    }
    if (!known.fields().isEmpty() && seen.add(value)) {
      for (JsonProven.Varying each : known.fields()) {
        if (!isProven(each.classes(), each.field().get(value), seen)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isLongNumber(Object value) {
    return switch (value) {
      case BigInteger number -> number.bitLength() > ALWAYS_READ_DIGITS * 3;
      case BigDecimal number ->
          number.precision() > ALWAYS_READ_DIGITS || Math.abs(number.scale()) > ALWAYS_READ_DIGITS;
      default -> false;
    };
  }

  private boolean areProven(Classes classes, Collection<?> values, Set<Object> seen) {
    for (Object value : values) {
      if (!isProven(classes, value, seen)) {
        return false;
      }
    }
    return true;
  }

  private void prove(Classes classes, @Nullable Object value, Set<Object> seen) {
    if (value == null) {
      return;
    }
    Collection<?> elements = elements(value);
    if ((elements != null || JsonFields.isExact(value.getClass()))
        && (!isOfManyClasses(value)
            || DeclaredType.wrapped(classes.place().declared().rawClass()) == value.getClass())) {
      classes.add(value.getClass());
    }
    if (value instanceof Map<?, ?> map) {
      map.keySet().forEach(key -> prove(classes.key(), key, seen));
    }
    if (elements != null) {
      elements.forEach(element -> prove(classes.content(), element, seen));
    } else if (seen.add(value)) {
      for (JsonFields.Of field : fields.of(value.getClass())) {
        if (!field.isFormatted()) {
          prove(proven.in(field.place()), field.get(value), seen);
        }
      }
    }
  }

  /** Which class of number JSON gives for a Number, tree or Object depends on the number. */
  private boolean isOfManyClasses(Object value) {
    return value instanceof Number || tree.isInstance(value);
  }

  private @Nullable String difference(
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
  private @Nullable String differenceOfObjects(Object value, Object read, Set<Object> seen) {
    List<JsonFields.Of> own = fields.of(value.getClass());
    if (own.isEmpty()) {
      return !DeclaredType.definesEquals(value.getClass()) || Objects.deepEquals(value, read)
          ? null
          : "comes back with another " + name(value);
    }
    if (!seen.add(value)) {
      return null;
    }
    for (JsonFields.Of field : own) {
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

  private @Nullable String differenceOfMaps(
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

  private @Nullable String differenceOfLists(
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
    Class<?> raw = place.declared().rawClass();
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

  private IllegalArgumentException rejected(Object value, String how, @Nullable Exception cause) {
    String what = "the JSON of " + name(value) + ", read as " + type.canonicalName() + ", " + how;
    return new IllegalArgumentException(what + HINT + said(cause), cause);
  }

  /** What {@code put} throws if Jackson can't write a value. */
  IllegalArgumentException unwritable(Object value, Exception cause) {
    boolean isSubclass = value.getClass() != DeclaredType.wrapped(type.rawClass());
    String what = name(value) + " can't be written as " + type.canonicalName();
    return new IllegalArgumentException(what + (isSubclass ? HINT : "") + said(cause), cause);
  }

  private static String said(@Nullable Exception cause) {
    return cause == null ? "" : "; Jackson: " + cause.getMessage();
  }

  private static String name(@Nullable Object value) {
    return value == null ? "null" : value.getClass().getName();
  }
}
