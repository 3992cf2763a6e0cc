/**
 * Brings a database up to the scripts in {@code sql/} and checks the vault's invariants. Depends on
 * JDBC alone.
 */
package io.onevault.tracking.migrate;
