/** How values are written and measured where Java and SQL must come to the same text. */
@NullMarked
package io.onevault.tracking.text;

import org.jspecify.annotations.NullMarked;
