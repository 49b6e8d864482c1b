/**
 * The only restricted methods of the product besides scoped views: system calls through {@code
 * java.lang.foreign}, and the kernel's structs.
 */
@NullMarked
package dev.carafe.uring.ffi;

import org.jspecify.annotations.NullMarked;
