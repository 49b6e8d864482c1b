package dev.carafe.redis;

import io.lettuce.core.TrackingArgs;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which changes the server announces.
 *
 * @param names the prefixes of the keys whose changes it broadcasts; empty for all keys; null for
 *     the keys that were read
 */
record Prefixes(@Nullable List<String> names) {
  /** Announces the keys that were read. */
  static final Prefixes READ_KEYS = new Prefixes(null);

  /**
   * Checks the prefixes as the server does.
   *
   * @throws IllegalArgumentException if one is empty, or the beginning of another one
   */
  static Prefixes of(String... prefixes) {
    List<String> names = List.of(prefixes);
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).isEmpty()) {
        throw new IllegalArgumentException("prefixes " + names + " contain an empty one");
      }
      for (int j = 0; j < names.size(); j++) {
        if (i != j && names.get(j).startsWith(names.get(i))) {
          throw new IllegalArgumentException(
              "prefix %s is the beginning of prefix %s: give the shorter one alone"
                  .formatted(names.get(i), names.get(j)));
        }
      }
    }
    return new Prefixes(names);
  }

  /** Returns the arguments that switch tracking on. */
  TrackingArgs tracking() {
    TrackingArgs tracking = TrackingArgs.Builder.enabled();
    if (names != null) {
      tracking.bcast();
      if (!names.isEmpty()) {
        tracking.prefixes(StandardCharsets.UTF_8, names.toArray(String[]::new));
      }
    }
    return tracking;
  }

  /**
   * Refuses a key whose changes the server does not announce.
   *
   * @throws IllegalArgumentException if no prefix matches
   */
  void requireMatch(Object key, byte[] bytes) {
    if (names == null || names.isEmpty()) {
      return;
    }
    for (String name : names) {
      byte[] prefix = name.getBytes(StandardCharsets.UTF_8);
      if (Arrays.mismatch(prefix, bytes) == prefix.length || Arrays.equals(prefix, bytes)) {
        return;
      }
    }
    throw new IllegalArgumentException(
        "key %s begins with none of the prefixes %s, so its changes would not be announced"
            .formatted(key, names));
  }
}
