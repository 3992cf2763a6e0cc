/**
 * Makes the vault anew of what is stored of events: a program that runs Flink jobs of its own over
 * history, beside production.
 */
package io.onevault.tracking.reprocess;
