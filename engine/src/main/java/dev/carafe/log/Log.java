package dev.carafe.log;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The parts of an open log.
 *
 * @param file the log's file
 * @param table the states of its extents
 * @param writer appends to the log
 * @param history the lock under which log and index change, so that the log's order is the order of
 *     the changes
 * @param changes counts events after which there may be room again
 * @param keepsAll whether no record may be discarded to make room
 */
public record Log(
    LogFile file,
    ExtentTable table,
    LogWriter writer,
    ReentrantLock history,
    EventCount changes,
    boolean keepsAll) {}
