/** What reprocessing asks of a Flink cluster: to stop jobs with a savepoint and to start others. */
@NullMarked
package io.onevault.tracking.reprocess.flink;

import org.jspecify.annotations.NullMarked;
