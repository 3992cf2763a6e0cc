/** What the benchmark tells: one report a run, and the medians of several. */
@NullMarked
package io.onevault.tracking.bench.report;

import org.jspecify.annotations.NullMarked;
