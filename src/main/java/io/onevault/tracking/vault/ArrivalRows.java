package io.onevault.tracking.vault;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.Campaign;
import io.onevault.tracking.event.ClientContext;
import io.onevault.tracking.event.Device;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Recovery;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.TrackerEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of raw and staging: an event as it arrived, and what enrichment tells of it. */
final class ArrivalRows {

    private static final String VALID = "VALID";
    private static final String SUSPICIOUS = "SUSPICIOUS";
    private static final int FULL_SCORE = 100;
    private static final int SCORE_PER_SUSPICION = 20;

    private final String recordSource;

    ArrivalRows(String recordSource) {
        this.recordSource = recordSource;
    }

    void add(EnrichedEvent event, EventHks k, EventRows rows) {
        addRaw(event, k, rows);
        addStaging(event, k, rows);
    }

    private void addRaw(EnrichedEvent event, EventHks k, EventRows rows) {
        AdmittedEvent admitted = event.admitted();
        ClientContext client = admitted.event().client();
        rows.raw.add(
                admitted.occurredAt(),
                k.event(),
                k.tenant(),
                admitted.eventBk(),
                admitted.event().identity().visitorId() == null ? admitted.visitorBk() : null,
                null,
                admitted.payload(),
                admitted.event().timing().receivedAt(),
                client.userAgent(),
                client.clientIp(),
                client.collector(),
                status(event.suspicions()),
                codes(event.suspicions()),
                recovery(admitted.position().recovered()),
                admitted.position().topic(),
                admitted.position().partition(),
                admitted.position().offset(),
                admitted.handling().keeping().name(),
                admitted.handling().policyFrom(),
                country(client),
                region(client),
                admitted.position().appendedFirst(),
                admitted.position().loadDate(),
                recordSource);
    }

    private void addStaging(EnrichedEvent event, EventHks k, EventRows rows) {
        AdmittedEvent admitted = event.admitted();
        TrackerEvent e = admitted.event();
        Campaign campaign = event.campaign();
        Device device = event.device();
        rows.staging.add(
                admitted.occurredAt(),
                k.event(),
                k.tenant(),
                k.visitor(),
                k.user(),
                k.page(),
                e.type(),
                event.referrer().host(),
                event.channel(),
                campaign.source(),
                campaign.medium(),
                campaign.name(),
                campaign.term(),
                campaign.content(),
                campaign.clickIdType(),
                campaign.clickId(),
                device.type(),
                device.browser(),
                device.browserVersion(),
                device.os(),
                device.osVersion(),
                device.bot(),
                device.clientType(),
                device.robotKind(),
                country(e.client()),
                region(e.client()),
                e.items().size(),
                status(event.suspicions()),
                codes(event.suspicions()),
                qualityScore(event.suspicions()),
                admitted.position().appendedFirst(),
                admitted.position().loadDate(),
                recordSource);
    }

    private static @Nullable String recovery(@Nullable Recovery recovered) {
        return recovered == null ? null : "recovered from " + recovered.place();
    }

    private static @Nullable String country(ClientContext client) {
        return client.place() == null ? null : client.place().country();
    }

    private static @Nullable String region(ClientContext client) {
        return client.place() == null ? null : client.place().region();
    }

    private static String status(List<Suspicion> suspicions) {
        return suspicions.isEmpty() ? VALID : SUSPICIOUS;
    }

    private static @Nullable List<Suspicion> codes(List<Suspicion> suspicions) {
        return suspicions.isEmpty() ? null : suspicions;
    }

    private static int qualityScore(List<Suspicion> suspicions) {
        return Math.max(0, FULL_SCORE - SCORE_PER_SUSPICION * suspicions.size());
    }
}
