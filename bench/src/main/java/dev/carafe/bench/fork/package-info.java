/**
 * The code that runs in the forked JVM of a contender. It fills the store, runs the load, and
 * writes each result as a line for the parent process. It depends on HdrHistogram only, to keep
 * other libraries off the class path of a contender.
 */
@NullMarked
package dev.carafe.bench.fork;

import org.jspecify.annotations.NullMarked;
