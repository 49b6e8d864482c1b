package dev.carafe.log;

import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;

/** The index of record addresses by key hash. It changes under the history lock. */
public interface RecordIndex {
  /**
   * Finds the address of a key's record.
   *
   * @param hash of the key
   * @return an address, or NONE
   */
  long find(KeyHash hash);

  /**
   * Sets the address of a key's record.
   *
   * @param hash of the key
   * @param address of the record
   * @return the previous address, or NONE
   */
  long put(KeyHash hash, long address);

  /**
   * Removes a key's record.
   *
   * @param hash of the key
   * @return the removed address, or NONE
   */
  long remove(KeyHash hash);

  /**
   * Makes many changes, equivalent to calls of {@link #put} and {@link #remove} in this order.
   *
   * @param changes the hash and the new address of each key; the address NONE removes its record
   */
  default void putAll(KeyHashes changes) {
    for (int i = 0; i < changes.count(); i++) {
      long address = changes.word(i);
      var _ =
          address == RecordAddress.NONE ? remove(changes.hash(i)) : put(changes.hash(i), address);
    }
  }

  /**
   * Reserves memory for records that will be put.
   *
   * @param count their estimated number, rather too high than too low
   */
  default void reserve(long count) {}

  /**
   * Whether the index is close to its limit, so that the oldest extents must be reclaimed.
   *
   * @return false if it has no limit
   */
  default boolean isNearlyFull() {
    return false;
  }

  /** Removes all records. */
  void clear();

  /**
   * Removes all records of a cache.
   *
   * @param cache the number of the cache
   */
  void clear(int cache);

  /** Receives each record. */
  interface Visitor {
    /**
     * Visits a record.
     *
     * @param hash of its key
     * @param address of the record
     */
    void visit(KeyHash hash, long address);
  }

  /**
   * Visits a copy of all records, so that the visitor may change the index.
   *
   * @param visitor receives each record
   */
  void forEach(Visitor visitor);

  /**
   * Visits a copy of the records of one extent, so that the visitor may change the index. Reads the
   * whole index.
   *
   * @param slot of the extent
   * @param visitor receives each record
   */
  default void forEachIn(int slot, Visitor visitor) {
    forEach((hash, address) -> {
      if (RecordAddress.slot(address) == slot) {
        visitor.visit(hash, address);
      }
    });
  }

  /** Receives the address of each record. */
  interface AddressVisitor {
    /**
     * Visits an address.
     *
     * @param cache the number of the record's cache
     * @param address of the record
     */
    void visit(int cache, long address);
  }

  /**
   * Visits the addresses of all records.
   *
   * @param visitor receives each address, and must not change the index
   */
  default void forEachAddress(AddressVisitor visitor) {
    forEach((hash, address) -> visitor.visit(hash.cache(), address));
  }
}
