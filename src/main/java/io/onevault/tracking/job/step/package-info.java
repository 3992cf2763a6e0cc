/** What all steps of the job share: their ids, metrics and side outputs, and how state ends. */
package io.onevault.tracking.job.step;
