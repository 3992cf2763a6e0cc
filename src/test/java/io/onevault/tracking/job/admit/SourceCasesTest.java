package io.onevault.tracking.job.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.contract.Decoded;
import io.onevault.tracking.contract.TrackerEventDecoder;
import io.onevault.tracking.enrich.AgentSummaries;
import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.EnrichedEvent;
import io.onevault.tracking.event.Keeping;
import io.onevault.tracking.event.PrivacyRules;
import io.onevault.tracking.event.SessionRules;
import io.onevault.tracking.event.Signals;
import io.onevault.tracking.event.SourcePosition;
import io.onevault.tracking.event.Suspicion;
import io.onevault.tracking.event.Tenant;
import io.onevault.tracking.event.TrackerEvent;
import io.onevault.tracking.job.read.DecodedRecord;
import io.onevault.tracking.job.session.SelectedEvents;
import io.onevault.tracking.session.Session;
import io.onevault.tracking.session.Sessionizer;
import io.onevault.tracking.state.SessionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.functions.OpenContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports of users of other products on sources, channels and robots, with the right outcome. */
class SourceCasesTest {

    private final TrackerEventDecoder decoder = new TrackerEventDecoder(UnaryOperator.identity());
    private final Admission admission =
            new Admission(
                    Duration.ofHours(3),
                    day -> new byte[32],
                    address -> null,
                    new AgentSummaries(10));
    private final Enrich enrich = new Enrich(100);

    @Test
    void otherServicesOfSearchEnginesAndShopsAreReferrals() throws IOException {
        List<String> channels = channels("07-signin-and-yaru-referrers", false);

        assertThat(channels).filteredOn("organic_search"::equals).hasSize(3);
        assertThat(channels).filteredOn("email"::equals).hasSize(1);
        assertThat(channels).filteredOn("referral"::equals).hasSize(7);
    }

    @Test
    void ordersOfServersAndAppsAreNoRobots() throws IOException {
        List<EnrichedEvent> events = events("09-backend-client-bot", false);

        assertThat(events)
                .extracting(event -> event.device().bot())
                .containsExactly(false, false, false, false, false, true);
        assertThat(events)
                .extracting(event -> event.suspicions().contains(Suspicion.BOT))
                .containsExactly(false, false, false, false, false, true);
        assertThat(events)
                .extracting(event -> event.device().clientType())
                .containsExactly("browser", "server", "app", "app", "app", "robot");
        List<Session> visits = sessions(events);
        assertThat(visits).filteredOn(visit -> !visit.entry().device().bot()).hasSize(2);
        assertThat(visits).hasSize(3);
        assertThat(visits).extracting(Session::conversions).containsExactly(1, 1, 0);
    }

    @Test
    void channelsAreThoseOfGoogleAnalytics() throws IOException {
        assertThat(channels("14-ga4-channels", false))
                .containsExactly(
                        "organic_social",
                        "organic_social",
                        "organic_video",
                        "paid_shopping",
                        "paid_search",
                        "paid_social",
                        "direct",
                        "organic_search",
                        "assistant",
                        "paid_social");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSitesOwnHostsAreInternal(boolean referrerSplit) throws IOException {
        List<Session> visits = sessions(events("16-subdomain-self-referral", referrerSplit));

        assertThat(visits)
                .extracting(visit -> visit.entry().channel())
                .containsExactly("organic_search", "internal", "internal", "internal");
        assertThat(visits).extracting(Session::pageViews).containsExactly(2, 1, 1, 1);
        assertThat(visits)
                .filteredOn(visit -> !visit.entry().referrer().internal())
                .extracting(visit -> visit.entry().referrer().host())
                .containsExactly("google.com");
    }

    private List<String> channels(String file, boolean referrerSplit) throws IOException {
        return events(file, referrerSplit).stream().map(EnrichedEvent::channel).toList();
    }

    private List<EnrichedEvent> events(String file, boolean referrerSplit) throws IOException {
        enrich.open(new OpenContext() {});
        List<EnrichedEvent> events = new ArrayList<>();
        try (InputStream in =
                SourceCasesTest.class.getResourceAsStream("/cases/" + file + ".jsonl")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                events.add(enrich.map(admit(line, referrerSplit)));
            }
        }
        return events;
    }

    private AdmittedEvent admit(String line, boolean referrerSplit) {
        byte[] value = line.getBytes(StandardCharsets.UTF_8);
        TrackerEvent event = ((Decoded.Valid) decoder.decode(value)).event();
        Instant occurred = event.timing().eventTimestamp();
        SourcePosition position = new SourcePosition("events", 0, 1, occurred);
        return admission.admit(
                new DecodedRecord(event, null, Signals.NONE, occurred, List.of(), value, position),
                event,
                tenant(event.tenantBk(), referrerSplit),
                Keeping.FULL);
    }

    private static Tenant tenant(String bk, boolean referrerSplit) {
        SessionRules d = SessionRules.DEFAULT;
        SessionRules rules =
                new SessionRules(
                        d.gapMillis(),
                        d.maxMillis(),
                        d.maxEvents(),
                        d.campaignSplit(),
                        d.midnightZone(),
                        referrerSplit);
        String hex = "0a".repeat(32);
        return new Tenant(
                bk,
                hex,
                hex,
                rules,
                null,
                List.of(),
                ZoneOffset.UTC,
                List.of(),
                PrivacyRules.DEFAULT);
    }

    private static List<Session> sessions(List<EnrichedEvent> events) {
        Map<String, List<SessionEvent>> byKey = new LinkedHashMap<>();
        for (EnrichedEvent event : events) {
            SessionEvent selected = SelectedEvents.of(event);
            byKey.computeIfAbsent(selected.sessionId(), key -> new ArrayList<>()).add(selected);
        }
        List<Session> sessions = new ArrayList<>();
        byKey.values().forEach(own -> sessions.addAll(Sessionizer.sessionize(own).sessions()));
        return sessions;
    }
}
