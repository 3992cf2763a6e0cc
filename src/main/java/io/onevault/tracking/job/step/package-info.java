/** What all steps of the job share: their ids, metrics and side outputs. */
package io.onevault.tracking.job.step;
