package dev.carafe.infinispan;

/** The elements of a configuration file that this module defines. */
enum StoreElement {
  /** The store. */
  CARAFE_STORE;

  /** The name in a configuration file. */
  @Override
  public String toString() {
    return "carafe-store";
  }
}
