package io.onevault.tracking.collector;

import com.fasterxml.jackson.core.JsonGenerator;
import io.onevault.tracking.contract.Consent;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.RecordKeys;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.event.Identity;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.RejectReason;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.event.TrackerEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The events of a request as records for Kafka, and what the contract says of them. An event that
 * it refuses goes to Kafka as well: the job keeps it with its reason, and counts it. Of one that
 * the tenant may not keep nothing goes there but a record for the count.
 *
 * @param records what is written, in order
 * @param eventIds ids of the events that the contract accepts, in order
 * @param refusals the others
 */
record Accepted(List<Entry> records, List<String> eventIds, List<Refusal> refusals) {

    private static final int LONGEST_KEPT = 900_000;

    /** A record of Kafka. */
    record Entry(byte @Nullable [] key, byte[] value) {}

    /** Why an event was refused, as the job will do, too. */
    record Refusal(int index, RejectReason reason, @Nullable String field) {

        void write(JsonGenerator json) throws IOException {
            json.writeStartObject();
            json.writeNumberField("index", index);
            json.writeStringField("error_code", reason.name());
            json.writeStringField("field", field);
            json.writeEndObject();
        }
    }

    static Accepted of(
            byte[] body, Submission submission, Stamp stamp, TrackerEventDecoder decoder) {
        Accepted all = new Accepted(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<Submission.Slice> events = submission.events();
        for (int i = 0; i < events.size(); i++) {
            all.take(i, body, events.get(i), stamp, decoder);
        }
        return all;
    }

    private void take(
            int index,
            byte[] body,
            Submission.Slice slice,
            Stamp stamp,
            TrackerEventDecoder decoder) {
        if (!slice.isObject()) {
            refusals.add(new Refusal(index, RejectReason.NOT_AN_OBJECT, null));
            return;
        }
        byte[] value = stamp.on(body, slice, null);
        Decoded decoded = decoder.decode(value);
        if (decoded instanceof Decoded.Valid valid) {
            accept(valid.event(), value, body, slice, stamp);
        } else if (decoded instanceof Decoded.Rejected rejected) {
            refusals.add(new Refusal(index, rejected.reason(), rejected.field()));
            boolean isKept =
                    stamp.site().tenantBk().equals(rejected.tenantBk())
                            && keeping(stamp, rejected.signals()) == Keeping.FULL;
            if (isKept && value.length <= LONGEST_KEPT) {
                records.add(new Entry(null, value));
            }
        }
    }

    private void accept(
            TrackerEvent event, byte[] value, byte[] body, Submission.Slice slice, Stamp stamp) {
        String id = event.eventId();
        if (id == null) {
            id = UUID.randomUUID().toString();
            value = stamp.on(body, slice, id);
        }
        eventIds.add(id);
        if (keeping(stamp, Consent.signals(event.client())) == Keeping.NOTHING) {
            records.add(new Entry(null, stamp.alone()));
        } else {
            records.add(new Entry(key(event), value));
        }
    }

    private static Keeping keeping(Stamp stamp, Signals signals) {
        return stamp.site().consent().keeping(signals);
    }

    private static byte @Nullable [] key(TrackerEvent event) {
        Identity identity = event.identity();
        String client = identity.sessionId() != null ? identity.sessionId() : identity.visitorId();
        if (client == null) {
            client = identity.userId();
        }
        return client == null ? null : RecordKeys.of(event.tenantBk(), client);
    }
}
