/** Programs beside the job: sample traffic, generated load, and what operators run by hand. */
package io.onevault.tracking.tool;
