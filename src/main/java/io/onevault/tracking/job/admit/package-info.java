/**
 * Lets events of registered tenants in, once, and looks up what the vault wants to know of them.
 */
package io.onevault.tracking.job.admit;
