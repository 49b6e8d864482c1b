/**
 * io_uring for one file: submission, completion and waiting. The package handles descriptors and
 * memory; it knows neither paths nor caches.
 */
@NullMarked
package dev.carafe.uring;

import org.jspecify.annotations.NullMarked;
