/**
 * How programs get at brokers and database: client properties, and secrets that are named where
 * they are set and read only where they are used.
 */
@NullMarked
package io.onevault.tracking.access;

import org.jspecify.annotations.NullMarked;
