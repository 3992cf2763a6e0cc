/** The benchmarks of what clients call: reading functions and tracking by SQL. */
@NullMarked
package io.onevault.tracking.bench.api;

import org.jspecify.annotations.NullMarked;
