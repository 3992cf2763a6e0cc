/** An endless, repeatable stream of tracker records for benchmarks and tests. */
@NullMarked
package io.onevault.tracking.generator;

import org.jspecify.annotations.NullMarked;
