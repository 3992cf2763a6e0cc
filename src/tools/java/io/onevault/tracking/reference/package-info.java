/** Makes the reference lists out of public ones, and tells how well they do. */
@NullMarked
package io.onevault.tracking.reference;

import org.jspecify.annotations.NullMarked;
