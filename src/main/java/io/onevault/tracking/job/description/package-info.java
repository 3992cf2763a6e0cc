/** Finds what events say of visitors, pages and items, and tells what of it is new. */
package io.onevault.tracking.job.description;
