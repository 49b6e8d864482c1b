/**
 * Tests of the project's rules: code style, package directions, class sizes, and the examples of
 * the docs. They read the whole source tree, so their module is built last.
 */
@NullMarked
package dev.carafe.docs;

import org.jspecify.annotations.NullMarked;
