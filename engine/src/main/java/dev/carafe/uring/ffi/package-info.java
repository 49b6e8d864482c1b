/**
 * System calls through {@code java.lang.foreign}, and the kernel's structs. Besides scoped views,
 * only this package calls restricted methods.
 */
@NullMarked
package dev.carafe.uring.ffi;

import org.jspecify.annotations.NullMarked;
