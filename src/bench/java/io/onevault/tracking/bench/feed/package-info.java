/** What the benchmark feeds the system with: generated records, and tables that are full before. */
@NullMarked
package io.onevault.tracking.bench.feed;

import org.jspecify.annotations.NullMarked;
