/**
 * A store for embedded Infinispan: the entries of a cache live in the memory and the file of a
 * {@link dev.carafe.CarafeStore}. {@link dev.carafe.infinispan.CarafeStoreConfigurationBuilder} is
 * the entry point.
 */
@NullMarked
package dev.carafe.infinispan;

import org.jspecify.annotations.NullMarked;
