package dev.carafe.log;

/** The index, as the log sees it. Changes are made under the history lock. */
public interface LiveRecords {
  /**
   * Where a key's record lies.
   *
   * @param hash of the key
   * @return an address, or NONE
   */
  long find(long hash);

  /**
   * A key's record lies here from now on.
   *
   * @param hash of the key
   * @param address where
   * @return where it lay before, or NONE
   */
  long put(long hash, long address);

  /**
   * A key has no record any more.
   *
   * @param hash of the key
   * @return where it lay, or NONE
   */
  long remove(long hash);

  /**
   * Many changes, as by {@link #put} and {@link #remove} in this order.
   *
   * @param hashes of the keys
   * @param addresses where each lies from now on, NONE if it has no record any more
   * @param count how many of both count
   */
  default void putAll(long[] hashes, long[] addresses, int count) {
    for (int i = 0; i < count; i++) {
      var _ = addresses[i] == RecordAddress.NONE ? remove(hashes[i]) : put(hashes[i], addresses[i]);
    }
  }

  /**
   * About so many records will be put.
   *
   * @param count an estimate that is too high rather than too low
   */
  default void expect(long count) {}

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
    void visit(long hash, long address);
  }

  /**
   * Visits a copy of all records, so that the visitor may change them.
   *
   * @param visitor told each
   */
  void forEach(Visitor visitor);
}
