/**
 * The file as a circular log of extents in strict order: the oldest extent is always the next to be
 * overwritten. A tombstone is therefore never copied: the records that it hides are older, and
 * leave the log before it. States of an extent: CLEAN → OPEN → SEALED → RECLAIMING → CLEAN.
 *
 * <p>Read {@link dev.carafe.log.ExtentTable} first, then {@link dev.carafe.log.LogWriter} and
 * {@link dev.carafe.log.Recovery}. All changes of the log are made under one lock, the history lock
 * of the file tier, so that the log's order is the order of the changes.
 */
@NullMarked
package dev.carafe.log;

import org.jspecify.annotations.NullMarked;
