/**
 * The Data Vault side: hash keys, which event makes which rows, and the statements that write them.
 */
package io.onevault.tracking.vault;
