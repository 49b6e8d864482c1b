package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import java.util.concurrent.Executor;

/**
 * What of the application's the parts use.
 *
 * @param stats Caffeine's statistics
 * @param executor runs what must not hold up a caller
 * @param tasks runs the engine's own tasks there
 */
record ApplicationHooks(StatsCounter stats, Executor executor, ExecutorTasks tasks) {}
