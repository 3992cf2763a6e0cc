package io.onevault.tracking.collector;

import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A request, and how it is answered. */
record Exchange(Request request, Response response, Callback callback) {}
