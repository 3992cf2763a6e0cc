package io.onevault.tracking.sample;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An event of sample traffic as the tracker sees it, before it is sent.
 *
 * @param occurredAt true time, epoch milliseconds
 * @param offlineMillis how long the device had no network after the event
 */
record SampleEvent(SampleVisitor visitor, long occurredAt, long offlineMillis, ObjectNode json) {

    SampleEvent offline(long millis) {
        return new SampleEvent(visitor, occurredAt, millis, json);
    }
}
