/** The command that submits rejected events again. */
package io.onevault.tracking.recover;
