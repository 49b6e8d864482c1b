package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import java.util.concurrent.Executor;

/**
 * The parts of the application that the cache calls.
 *
 * @param stats the application's statistics counter
 * @param executor runs tasks that must not block a caller
 * @param tasks runs the engine's own tasks on the executor
 */
record ApplicationHooks(StatsCounter stats, Executor executor, ExecutorTasks tasks) {}
