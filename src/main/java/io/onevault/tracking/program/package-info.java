/** What the command lines of all programs have in common: help, errors, exit codes, version. */
@NullMarked
package io.onevault.tracking.program;

import org.jspecify.annotations.NullMarked;
