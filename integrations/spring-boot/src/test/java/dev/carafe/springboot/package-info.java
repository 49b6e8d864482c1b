/** Tests of the auto-configuration. */
@NullMarked
package dev.carafe.springboot;

import org.jspecify.annotations.NullMarked;
