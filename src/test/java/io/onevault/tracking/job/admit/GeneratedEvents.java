package io.onevault.tracking.job.admit;

import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.EventTime;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.enrich.AgentSummaries;
import io.onevault.tracking.enrich.Redactor;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.generator.EventGenerator;
import io.onevault.tracking.generator.EventGenerator.Faults;
import io.onevault.tracking.generator.EventGenerator.Mix;
import io.onevault.tracking.generator.EventGenerator.Pace;
import io.onevault.tracking.job.read.DecodedRecord;
import io.onevault.tracking.text.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The generator's events on their way from the record's bytes to the enriched event. */
public final class GeneratedEvents {

    /** Sessions of 10 events that lie 2 seconds apart. */
    private static final Mix MIX =
            Mix.standard()
                    .withFaults(new Faults(0, 0.01, 0))
                    .withPace(new Pace(Instant.parse("2026-11-20T06:00:00Z"), 100, 200));

    private final EventGenerator generator = new EventGenerator(MIX, 1);
    private final TrackerEventDecoder decoder = new TrackerEventDecoder(Redactor::redactJson);
    private final Admission admission =
            new Admission(
                    Duration.ofHours(3),
                    day -> new byte[32],
                    address -> null,
                    new AgentSummaries(1_000));
    private final Enrich enrich = new Enrich(1_000);
    private final Map<String, Tenant> tenants = new HashMap<>();
    private long offset;

    public GeneratedEvents() {
        enrich.open(null);
    }

    /** The next record's value. */
    public byte[] nextValue() {
        return generator.next().value();
    }

    /** What the job makes of a value, up to the loader. */
    public EnrichedEvent enrich(byte[] value) {
        TrackerEvent event = ((Decoded.Valid) decoder.decode(value)).event();
        Instant appendedAt = event.timing().receivedAt();
        EventTime time = EventTime.resolve(event.timing(), appendedAt);
        DecodedRecord record =
                new DecodedRecord(
                        event,
                        null,
                        Signals.NONE,
                        time.occurredAt(),
                        List.of(),
                        value,
                        new SourcePosition("site-tracking-events", 0, offset++, appendedAt));
        Tenant tenant = tenants.computeIfAbsent(event.tenantBk(), GeneratedEvents::tenant);
        AdmittedEvent admitted = admission.admit(record, event, tenant, Keeping.FULL);
        return enrich.map(admitted);
    }

    private static Tenant tenant(String bk) {
        byte[] hk = Sha256.digest().digest(bk.getBytes(StandardCharsets.UTF_8));
        return new Tenant(
                bk,
                HexFormat.of().formatHex(hk),
                "0b".repeat(16),
                SessionRules.DEFAULT,
                null,
                List.of(),
                ZoneOffset.UTC,
                List.of(),
                PrivacyRules.DEFAULT);
    }
}
