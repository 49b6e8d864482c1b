/**
 * What every package may use: no state, no threads, nothing that knows a value, a file or a ring.
 */
@NullMarked
package dev.carafe.base;

import org.jspecify.annotations.NullMarked;
