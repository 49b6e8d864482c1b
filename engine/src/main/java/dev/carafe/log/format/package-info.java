/**
 * The bytes of the file, and nothing else knows them. Little-endian; padding is zero. The document
 * is docs/FORMAT.md; a format changes only with its version, its golden file and its document.
 */
@NullMarked
package dev.carafe.log.format;

import org.jspecify.annotations.NullMarked;
