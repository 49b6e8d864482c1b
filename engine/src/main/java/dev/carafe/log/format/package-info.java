/**
 * The byte layouts of the file. No other package depends on them. Numbers are little-endian;
 * padding is zero. The format is described in docs/FORMAT.md. A change of the format changes the
 * version, the golden file and the document.
 */
@NullMarked
package dev.carafe.log.format;

import org.jspecify.annotations.NullMarked;
