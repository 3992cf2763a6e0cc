/** What the benchmark reads off: CPU by thread, the machine, rates, and the database's counters. */
@NullMarked
package io.onevault.tracking.bench.gauge;

import org.jspecify.annotations.NullMarked;
