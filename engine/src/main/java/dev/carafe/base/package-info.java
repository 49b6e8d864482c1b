/** Utilities for all packages. They do not depend on values, files or rings. */
@NullMarked
package dev.carafe.base;

import org.jspecify.annotations.NullMarked;
