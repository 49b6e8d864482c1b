/**
 * {@code bench near}: measures near caches of Redis. Two processes of a contender at a time read
 * and write the values of one server, which the benchmark starts.
 */
@NullMarked
package dev.carafe.bench.near;

import org.jspecify.annotations.NullMarked;
