/** Makes the sample of three invented sites that the local stack plays. */
@NullMarked
package io.onevault.tracking.sample;

import org.jspecify.annotations.NullMarked;
