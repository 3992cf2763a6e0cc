/** What is remembered to save work, within bounds. */
@NullMarked
package io.onevault.tracking.cache;

import org.jspecify.annotations.NullMarked;
