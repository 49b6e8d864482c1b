/**
 * Metrics of a {@link dev.carafe.Carafe} for Micrometer. {@link
 * dev.carafe.micrometer.CarafeMetrics} binds them to a registry.
 */
@NullMarked
package dev.carafe.micrometer;

import org.jspecify.annotations.NullMarked;
