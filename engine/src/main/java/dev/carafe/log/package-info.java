/**
 * The file as an append-only ring of extents, in strict order: the oldest extent is always the next
 * to be overwritten. So a tombstone never has to be carried on: what it hides is older, and gone
 * before it. CLEAN → OPEN → SEALED → RECLAIMING → CLEAN.
 *
 * <p>Read {@link dev.carafe.log.ExtentTable} first, then {@link dev.carafe.log.LogWriter} and
 * {@link dev.carafe.log.Recovery}. All that changes the log happens under one lock, the file
 * tier's, so that the order of the log is the order of history.
 */
@NullMarked
package dev.carafe.log;

import org.jspecify.annotations.NullMarked;
