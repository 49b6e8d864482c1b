/** What a result file says: tables, a page with charts, and the comparison of two files. */
@NullMarked
package dev.carafe.bench.report;

import org.jspecify.annotations.NullMarked;
