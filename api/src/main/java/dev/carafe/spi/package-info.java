/**
 * What an engine implements to stand behind {@link dev.carafe.CarafeBuilder}; not for applications.
 */
@NullMarked
package dev.carafe.spi;

import org.jspecify.annotations.NullMarked;
