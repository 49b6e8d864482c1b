package dev.carafe.codecs;

/**
 * A declared type as one version of Jackson resolves it, so that {@link JsonReadBack} works with
 * either version and needs only that one on the class path. Two are equal if the resolved types
 * are.
 */
interface JsonType {
  Class<?> rawClass();

  /** The type of the elements of a collection, map, array or {@code Optional}, else Object. */
  JsonType content();

  /** The type of the keys of a map, else Object. */
  JsonType key();

  String canonicalName();
}
