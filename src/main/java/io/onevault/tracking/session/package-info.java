/** Session rules as pure code: events in, sessions out. */
package io.onevault.tracking.session;
