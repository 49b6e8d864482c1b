/**
 * The house keeps itself: form, style, examples and tables are tests. They read the whole tree, so
 * they live in the module that is built last.
 */
@NullMarked
package dev.carafe.docs;

import org.jspecify.annotations.NullMarked;
