package dev.carafe.log;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The parts of an open log.
 *
 * @param file where it is
 * @param table what its extents are in
 * @param writer appends to it
 * @param history the lock under which it changes, so that its order is the order of history
 * @param changes signalled when there may be room again
 */
public record Log(
    LogFile file, ExtentTable table, LogWriter writer, ReentrantLock history, EventCount changes) {}
