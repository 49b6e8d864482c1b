/**
 * Carafe against everyone else: what is measured, in which JVMs, with how much memory, and the file
 * that keeps the figures.
 */
@NullMarked
package dev.carafe.bench.versus;

import org.jspecify.annotations.NullMarked;
