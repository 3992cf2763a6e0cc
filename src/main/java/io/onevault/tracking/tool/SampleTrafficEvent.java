package io.onevault.tracking.tool;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An event of sample traffic as the tracker sees it, before it is sent.
 *
 * @param occurredAt true time, epoch milliseconds
 * @param offlineMillis how long the device had no network after the event
 */
record SampleTrafficEvent(
        SampleTrafficVisitor visitor, long occurredAt, long offlineMillis, ObjectNode json) {

    SampleTrafficEvent offline(long millis) {
        return new SampleTrafficEvent(visitor, occurredAt, millis, json);
    }
}
