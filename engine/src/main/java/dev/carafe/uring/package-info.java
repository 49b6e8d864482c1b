/**
 * io_uring for one file: submission, completion and waiting. The package handles descriptors and
 * memory, but no paths and no caches.
 */
@NullMarked
package dev.carafe.uring;

import org.jspecify.annotations.NullMarked;
