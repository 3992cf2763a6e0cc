/**
 * The records kept in Flink state. They are never moved or renamed; components are only appended.
 * The records of package {@code event} nested in them are bound by the same rule.
 */
package io.onevault.tracking.state;
