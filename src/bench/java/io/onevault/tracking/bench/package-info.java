/**
 * The benchmark: what the whole system does on one machine, with real parts and generated events.
 */
@NullMarked
package io.onevault.tracking.bench;

import org.jspecify.annotations.NullMarked;
