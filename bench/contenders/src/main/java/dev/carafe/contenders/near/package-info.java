/**
 * Near caches of Redis behind one interface. {@link dev.carafe.contenders.near.NearContenders}
 * lists them; each runs in a JVM of its own, like the stores of {@link dev.carafe.contenders}.
 */
@NullMarked
package dev.carafe.contenders.near;

import org.jspecify.annotations.NullMarked;
