/**
 * Brings a database up to the scripts in {@code sql/} and checks the vault's invariants, by JDBC
 * alone.
 */
package io.onevault.tracking.migrate;
