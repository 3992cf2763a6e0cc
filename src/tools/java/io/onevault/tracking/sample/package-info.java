/** Makes the sample of six invented sites that the local stack plays. */
@NullMarked
package io.onevault.tracking.sample;

import org.jspecify.annotations.NullMarked;
