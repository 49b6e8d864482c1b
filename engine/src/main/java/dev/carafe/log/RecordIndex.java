package dev.carafe.log;

import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;

/** The index, as the log sees it. Changes are made under the history lock. */
public interface RecordIndex {
  /**
   * Where a key's record lies.
   *
   * @param hash of the key
   * @return an address, or NONE
   */
  long find(KeyHash hash);

  /**
   * A key's record lies here from now on.
   *
   * @param hash of the key
   * @param address where
   * @return where it lay before, or NONE
   */
  long put(KeyHash hash, long address);

  /**
   * A key has no record any more.
   *
   * @param hash of the key
   * @return where it lay, or NONE
   */
  long remove(KeyHash hash);

  /**
   * Many changes, as by {@link #put} and {@link #remove} in this order.
   *
   * @param changes of each key the hash, and where it lies from now on: NONE if it has no record
   *     any more
   */
  default void putAll(KeyHashes changes) {
    for (int i = 0; i < changes.count(); i++) {
      long address = changes.word(i);
      var _ =
          address == RecordAddress.NONE ? remove(changes.hash(i)) : put(changes.hash(i), address);
    }
  }

  /**
   * About so many records will be put.
   *
   * @param count an estimate that is too high rather than too low
   */
  default void reserve(long count) {}

  /** No key has a record any more. */
  void clear();

  /** Told each record. */
  interface Visitor {
    /**
     * One record.
     *
     * @param hash of its key
     * @param address where it lies
     */
    void visit(KeyHash hash, long address);
  }

  /**
   * Visits a copy of all records, so that the visitor may change them.
   *
   * @param visitor told each
   */
  void forEach(Visitor visitor);
}
