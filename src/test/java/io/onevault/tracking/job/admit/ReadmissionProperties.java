package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.contract.Consent;
import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.EventArbitraries;
import io.onevault.tracking.contract.EventTime;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.enrich.AgentSummaries;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.Place;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRole;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.Timing;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.job.read.DecodedRecord;
import io.onevault.tracking.state.ArchivedEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** An event that was archived is the event that it was, when it is admitted again. */
class ReadmissionProperties {

    private static final SourcePosition POSITION =
            new SourcePosition(
                    "events",
                    3,
                    12_345,
                    Instant.parse("2026-11-20T10:00:00.123Z"),
                    null,
                    Instant.parse("2026-11-18T10:00:00.456Z"));
    private static final Tenant TENANT =
            new Tenant(
                    "acme",
                    "0a".repeat(32),
                    "0b".repeat(16),
                    new SessionRules(60_000, 3_600_000, 100, false, "Europe/Berlin", true),
                    60_000L,
                    List.of("id", "ida"),
                    ZoneOffset.UTC,
                    List.of("shop.example"),
                    PrivacyRules.DEFAULT);

    private final TrackerEventDecoder decoder = new TrackerEventDecoder(UnaryOperator.identity());
    private final Admission admission =
            new Admission(
                    Duration.ofHours(3),
                    day -> new byte[32],
                    address -> address == null ? null : new Place("DE", "DE-BE"),
                    new AgentSummaries(10));
    private final Readmission readmission = new Readmission();

    @Provide
    Arbitrary<byte[]> records() {
        return EventArbitraries.records();
    }

    @Property
    void isTheEventThatItWas(@ForAll("records") byte[] record, @ForAll boolean anonymous) {
        AdmittedEvent event = admit(record, anonymous ? Keeping.ANONYMOUS : Keeping.FULL);

        StoredEvent stored = StoredEvent.archived(Archive.key(event), Archive.archive(event));

        assertThat(readmission.readmit(stored, TENANT)).isEqualTo(inTime(event));
    }

    /** Raw tells the visitor of an event only where its payload names none. */
    @Property
    void findsTheVisitorThatThePayloadNames(@ForAll("records") byte[] record) {
        AdmittedEvent event = admit(record, Keeping.FULL);
        ArchivedEvent archived = Archive.archive(event);

        AdmittedEvent again =
                readmission.readmit(
                        new StoredEvent(
                                event.tenantHk(), event.eventBk(), withoutVisitor(archived), true),
                        TENANT);

        if (event.event().identity().visitorId() != null) {
            assertThat(again).isEqualTo(inTime(event));
        } else {
            assertThat(again.visitorBk()).startsWith("vis_");
        }
    }

    private AdmittedEvent admit(byte[] value, Keeping keeping) {
        Decoded.Valid valid = (Decoded.Valid) decoder.decode(value);
        TrackerEvent event = valid.event();
        EventTime time = EventTime.resolve(event.timing(), POSITION.appendedAt());
        DecodedRecord record =
                new DecodedRecord(
                        event,
                        null,
                        Consent.signals(event.client()),
                        time.occurredAt(),
                        valid.suspicions(),
                        value,
                        POSITION);
        return admission.admit(record, event, TENANT, keeping);
    }

    /** In history nothing is late, and when the client sent an event matters no more. */
    private static AdmittedEvent inTime(AdmittedEvent event) {
        TrackerEvent e = event.event();
        Timing timing = e.timing();
        SessionRole role = event.session();
        return new AdmittedEvent(
                event.tenantBk(),
                event.tenantHk(),
                event.eventBk(),
                event.visitorBk(),
                event.occurredAt(),
                new TrackerEvent(
                        e.tenantBk(),
                        e.eventId(),
                        e.type(),
                        e.action(),
                        e.identity(),
                        e.page(),
                        new Timing(
                                timing.eventTimestamp(),
                                null,
                                timing.receivedAt(),
                                timing.sequence()),
                        e.interaction(),
                        e.client(),
                        e.purchase(),
                        e.items(),
                        e.properties()),
                event.payload(),
                new SessionRole(
                        role.ownRules(),
                        role.conversion(),
                        role.perVisitor(),
                        false,
                        null,
                        role.named(),
                        role.ownReferrer(),
                        role.repeated()),
                event.suspicions(),
                event.position(),
                event.handling());
    }

    private static ArchivedEvent withoutVisitor(ArchivedEvent event) {
        return new ArchivedEvent(
                event.tenantBk(),
                null,
                event.occurredAt(),
                event.payload(),
                event.receivedAt(),
                event.userAgent(),
                event.clientNetwork(),
                event.collector(),
                event.suspicions(),
                event.late(),
                event.topic(),
                event.partition(),
                event.offset(),
                event.appendedAt(),
                event.handling(),
                event.place(),
                event.firstAppendedAt());
    }
}
