/** Measures the collector: its CPU time for a request, and how soon it answers. */
@NullMarked
package io.onevault.tracking.bench.collect;

import org.jspecify.annotations.NullMarked;
