/**
 * A cache whose keys are told apart by their bytes, over one whose keys are told apart by {@code
 * equals} (contract R7): each key becomes a {@link dev.carafe.cache.keyed.Key} where it enters, and
 * the application's again where it is shown.
 */
@NullMarked
package dev.carafe.cache.keyed;

import org.jspecify.annotations.NullMarked;
