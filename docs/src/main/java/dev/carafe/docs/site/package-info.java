/**
 * Makes the static site from the Markdown pages. {@link dev.carafe.docs.site.Site} is the entry
 * point.
 */
@NullMarked
package dev.carafe.docs.site;

import org.jspecify.annotations.NullMarked;
