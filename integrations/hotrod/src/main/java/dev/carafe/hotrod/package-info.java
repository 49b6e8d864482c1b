/**
 * A near cache for Infinispan's Hot Rod client, which keeps the values of a remote cache in the
 * memory and the file of a {@link dev.carafe.Carafe}. {@link
 * dev.carafe.hotrod.CarafeNearCacheFactory} is the entry point.
 */
@NullMarked
package dev.carafe.hotrod;

import org.jspecify.annotations.NullMarked;
