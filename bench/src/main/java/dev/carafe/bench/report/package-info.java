/** Reports on result files: tables, a page with charts, and the comparison of two files. */
@NullMarked
package dev.carafe.bench.report;

import org.jspecify.annotations.NullMarked;
