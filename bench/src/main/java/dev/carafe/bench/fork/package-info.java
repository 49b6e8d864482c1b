/**
 * What runs in the JVM of one contender: fills it, drives it, measures it, and writes each figure
 * as a line that the parent reads. Knows no library but HdrHistogram, so that nothing of the
 * benchmark's is on a contender's class path.
 */
@NullMarked
package dev.carafe.bench.fork;

import org.jspecify.annotations.NullMarked;
