package dev.carafe.codecs;

import dev.carafe.codecs.JsonFields.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The classes of objects that came back from their JSON, by place. A place leads to those inside it
 * by references, so that the check of a value without a new class computes no hash of a place.
 */
final class JsonProven {
  private final JsonFields fields;
  private final Map<Place, Classes> places = new ConcurrentHashMap<>();

  JsonProven(JsonFields fields) {
    this.fields = fields;
  }

  Classes in(Place place) {
    return places.computeIfAbsent(place, Classes::new);
  }

  /** A field that can have objects of several classes, and the classes that came back in it. */
  record Varying(JsonFields.Of field, Classes classes) {}

  /** A class that came back in a place. */
  record Known(Class<?> type, List<Varying> fields) {}

  /** The classes that came back in a place. */
  final class Classes {
    private final Place place;
    private final Map<Class<?>, Known> known = new ConcurrentHashMap<>();
    private volatile @Nullable Known last;
    private volatile @Nullable Classes content;
    private volatile @Nullable Classes key;

    private Classes(Place place) {
      this.place = place;
    }

    Place place() {
      return place;
    }

    /** The class if it came back here. */
    @Nullable Known get(Class<?> type) {
      Known found = last;
      if (found == null || found.type != type) {
        found = known.get(type);
        if (found != null) {
          last = found;
        }
      }
      return found;
    }

    void add(Class<?> type) {
      List<Varying> varying = new ArrayList<>();
      for (JsonFields.Of field : fields.of(type)) {
        if (field.canVary()) {
          varying.add(new Varying(field, in(field.place())));
        }
      }
      known.putIfAbsent(type, new Known(type, List.copyOf(varying)));
    }

    /** In the elements of the containers that are here. */
    Classes content() {
      Classes found = content;
      if (found == null) {
        found = in(place.content());
        content = found;
      }
      return found;
    }

    /** In the keys of the maps that are here. */
    Classes key() {
      Classes found = key;
      if (found == null) {
        found = in(place.key());
        key = found;
      }
      return found;
    }
  }
}
