/**
 * One io_uring: submission, completion, and who waits for whom. It knows descriptors and memory, no
 * files and no cache.
 */
@NullMarked
package dev.carafe.uring;

import org.jspecify.annotations.NullMarked;
